"""The gate: its contract with the pinned aioice, the sockets it opens, and that nothing is sent past it."""

from __future__ import annotations

import asyncio
import inspect
import re
import time

import pytest
from aioice import ice, mdns
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.sdp import candidate_from_sdp

from tests.webrtc.network.test_ports import free
from webrtc.network import IceServers, Interfaces, Network, Ports, PortsExhausted
from webrtc.network.ports import bound
from webrtc.signaling import answer, hang_up, new_peer
from webrtc.tap import Gate, IncompatibleAiortc, LeanPath, choose, insides

METADATA = "169.254.169.254"
CANDIDATE = re.compile(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ (\w+)")


def test_the_installed_aioice_gathers_and_takes_candidates_where_the_gate_stands():
    insides.check_gate()
    connection = ice.Connection
    # What is overridden, with what it is called, and that it is the one way: a new version must be looked at.
    assert list(inspect.signature(connection.get_component_candidates).parameters) == [
        *("self", "component", "addresses", "timeout")
    ]
    gathers = inspect.getsource(connection.gather_candidates)
    assert "self.get_component_candidates(component=component, addresses=addresses)" in gathers
    assert list(inspect.signature(connection._add_remote_candidate).parameters) == [
        *("self", "remote_candidate", "network_host")
    ]
    takes = inspect.getsource(connection.add_remote_candidate)
    assert "self._add_remote_candidate(remote_candidate, remote_addr)" in takes
    assert "self._add_remote_candidate(remote_candidate, remote_candidate.host)" in takes
    whole = inspect.getsource(ice)
    assert whole.count("self._remote_candidates.append(") == 2, (
        "one of them by a check, which the gate sees too"
    )
    assert "self.receiver.request_received(message, addr, self)" in whole
    assert whole.count("StunProtocol(self)") == 2, "one for a socket, one for a relay"
    closes = inspect.getsource(connection.close)
    assert "for protocol in self._protocols:" in closes and "await protocol.close()" in closes


def test_without_that_place_no_way_is_taken(monkeypatch):
    monkeypatch.setattr(insides, "GATED", ("_something_new",))
    with pytest.raises(IncompatibleAiortc, match="_something_new"):
        choose("lean")


@pytest.fixture
async def peers():
    """Makes peers that are closed afterwards."""
    made = []

    def make(servers=()):
        made.append(new_peer(servers))
        return made[-1]

    yield make
    for each in made:
        await hang_up(each)


async def offer(peer, *candidates, media=1):
    """An offer with these candidates instead of its own."""
    peer.createDataChannel("events")
    for kind in ("audio", "video")[:media]:
        peer.addTransceiver(kind)
    await peer.setLocalDescription(await peer.createOffer())
    lines = peer.localDescription.sdp.split("\r\n")
    if candidates:
        lines = [line for line in lines if not line.startswith(("a=candidate", "a=end-of"))]
        first = lines.index(next(line for line in lines if line.startswith("a=ice-ufrag")))
        lines[first:first] = [f"a={each}" for each in candidates]
    return "\r\n".join(lines)


def candidate(host, port=9, foundation=1):
    return f"candidate:{foundation} 1 udp 2130706431 {host} {port} typ host"


def connections(peer):
    return {each.receiver.transport.transport._connection for each in peer.getTransceivers()}


class Spy:
    """A transport that writes down where something is sent, and does not send it."""

    def __init__(self, transport, sent):
        self._transport, self._sent = transport, sent

    def __getattr__(self, name):
        return getattr(self._transport, name)

    def sendto(self, data, address):
        self._sent.append(address[0])


def spied(peer):
    """Where a peer's sockets would send to, from now on."""
    sent = []
    for connection in connections(peer):
        for protocol in connection._protocols:
            protocol.transport = Spy(protocol.transport, sent)
    return sent


async def answered(peers, sdp, gate):
    peer = peers()
    said = (await answer(peer, sdp, LeanPath(), gate)).sdp
    return peer, said


async def checked(peer, host):
    """Wait until the peer has sent something to an address."""
    sent = spied(peer)
    async with asyncio.timeout(5):
        while host not in sent:
            await asyncio.sleep(0.01)
    return sent


async def test_a_hostile_peers_addresses_are_sent_nothing_and_its_own_is(peers):
    bad = [
        METADATA,
        "169.254.1.1",
        "127.0.0.1",
        "224.0.0.251",
        "0.0.0.0",
        f"::ffff:{METADATA}",
        "fd00:ec2::254",
    ]
    own = next(iter(CANDIDATE.findall(await offer(peers()))))
    sdp = await offer(
        peers(), *(candidate(each, foundation=n) for n, each in enumerate(bad)), candidate(own[0], 9, 99)
    )
    gate = Gate(Network())
    peer, _ = await answered(peers, sdp, gate)
    sent = await checked(peer, own[0])
    await asyncio.sleep(0.3)  # for seven more checks, one each 20 ms
    assert set(sent) == {own[0]}
    assert gate.dropped == {
        "metadata": 3,
        "link_local": 1,
        "loopback": 1,
        "multicast": 1,
        "unspecified": 1,
    }


async def test_without_a_gate_they_would_be(peers):
    sdp = await offer(peers(), candidate(METADATA))
    peer, _ = await answered(peers, sdp, None)
    assert METADATA in await checked(peer, METADATA)


async def test_a_candidate_that_comes_later_is_judged_too(peers):
    sdp = await offer(peers(), candidate("203.0.113.9"))
    gate = Gate(Network())
    peer, _ = await answered(peers, sdp, gate)
    sent = spied(peer)
    late = candidate_from_sdp(candidate(METADATA).removeprefix("candidate:"))
    late.sdpMid = peer.getTransceivers()[0].mid
    await peer.addIceCandidate(late)
    await asyncio.sleep(0.1)
    assert METADATA not in sent and gate.dropped["metadata"] == 1


async def test_a_name_of_multicast_dns_that_leads_elsewhere_is_judged_by_its_address(peers, monkeypatch):
    class Resolver:
        async def resolve(self, name):
            return METADATA

        async def close(self):
            pass

    async def resolver(subscriber):
        return Resolver()

    monkeypatch.setattr(ice, "get_or_create_mdns_protocol", resolver)
    name = "0a1b2c3d-0000-4000-8000-000000000000.local"
    assert mdns.is_mdns_hostname(name)
    gate = Gate(Network())
    peer, _ = await answered(peers, await offer(peers(), candidate(name)), gate)
    assert gate.dropped == {"metadata": 1}
    assert [each._remote_candidates for each in connections(peer)] == [[]]


async def test_a_check_that_says_it_comes_from_such_an_address_is_not_answered(peers):
    gate = Gate(Network())
    peer, _ = await answered(peers, await offer(peers(), candidate("203.0.113.9")), gate)
    sent = spied(peer)
    [connection] = connections(peer)
    message = ice.stun.Message(ice.stun.Method.BINDING, ice.stun.Class.REQUEST)
    connection._protocols[0].datagram_received(bytes(message), (METADATA, 80))
    assert METADATA not in sent and gate.dropped["metadata"] == 1
    connection._protocols[0].datagram_received(bytes(message), ("203.0.113.7", 80))
    assert "203.0.113.7" in sent, "an ordinary one is refused by word"


async def test_sockets_lie_in_the_range_on_the_interfaces_that_are_allowed(peers):
    first = free(8)
    addresses = [str(each.address) for each in Interfaces().look().used if each.address.version == 4]
    network = Network(interfaces=Interfaces(addresses[:1]), ports=Ports(first, first + 7))
    _, said = await answered(peers, await offer(peers()), Gate(network))
    found = CANDIDATE.findall(said)
    assert {host for host, _, _ in found} == {addresses[0]}
    assert all(first <= int(port) <= first + 7 for _, port, _ in found)


async def test_with_every_port_taken_an_offer_is_refused_and_no_socket_stays(peers):
    first = free(2)
    allowed = Interfaces().look().used
    ports = Ports(first, first + 1)
    held = [bound(str(allowed[-1].address), each) for each in (first, first + 1)]
    peer = new_peer()
    try:
        with pytest.raises(PortsExhausted):
            await answer(peer, await offer(peers()), LeanPath(), Gate(Network(ports=ports)))
    finally:
        await hang_up(peer)
        for each in held:
            each.close()
    for each in allowed:  # what was opened on the first addresses is free again
        for port in (first, first + 1):
            bound(str(each.address), port).close()


async def test_with_too_few_ports_for_media_that_are_not_bundled_no_socket_stays_either(peers):
    first = free(1)
    sdp = "\r\n".join(
        line for line in (await offer(peers(), media=2)).split("\r\n") if not line.startswith("a=group")
    )
    peer = new_peer()
    try:
        with pytest.raises(PortsExhausted):
            await answer(peer, sdp, LeanPath(), Gate(Network(ports=Ports(first, first))))
    finally:
        await hang_up(peer)
    await asyncio.sleep(0.05)
    for each in Interfaces().look().used:
        bound(str(each.address), first).close()


async def test_an_allowed_interface_that_is_not_there_gives_no_candidate(peers):
    network = Network(interfaces=Interfaces(["mien-none"]))
    _, said = await answered(peers, await offer(peers()), Gate(network))
    assert CANDIDATE.findall(said) == []


@pytest.mark.slow
async def test_servers_that_do_not_answer_hold_a_call_up_for_two_seconds_and_no_longer(peers):
    silent = bound("127.0.0.1", 0)
    port = silent.getsockname()[1]
    try:
        servers = IceServers([f"stun:127.0.0.1:{port}"])
        peer = peers(servers.fresh(0.0))
        began = time.monotonic()
        said = (await answer(peer, await offer(peers()), LeanPath(), Gate(Network()))).sdp
        assert 1.9 < time.monotonic() - began < 3.5
        assert {kind for _, _, kind in CANDIDATE.findall(said)} == {"host"}
    finally:
        silent.close()


def test_a_peer_asks_no_server_by_itself():
    assert RTCConfiguration().iceServers is None, "which would mean somebody else's"
    peer = new_peer()
    assert isinstance(peer, RTCPeerConnection) and peer._RTCPeerConnection__configuration.iceServers == []
