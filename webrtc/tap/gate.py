"""The gate: on which of our addresses and ports a peer's sockets are opened, and that nothing goes from them to where
nothing may.

aioice opens a socket on every address of the machine, on whichever port the system gives it, and sends a check to every
address that a peer names, be it in the offer, later, or behind a name of multicast DNS.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from typing import Any

from aioice import Candidate, ice, turn
from aioice.candidate import candidate_foundation, candidate_priority
from aiortc import RTCPeerConnection

from webrtc.network import Network
from webrtc.network.interfaces import Used
from webrtc.network.remote import Refusal, refusal

log = logging.getLogger(__name__)

SERVERS_TIMEOUT = 2.0
"""Seconds that STUN and TURN servers have to answer. The caller waits meanwhile, and often does without."""


class Gate:
    """Of one peer. `here` is whether the peer is on this machine; `dropped` counts the candidates and checks that were
    left alone, by the reason."""

    def __init__(self, network: Network, *, here: bool = False) -> None:
        self.dropped: Counter[Refusal] = Counter()
        self._network = network
        self._here = here
        self._ours = Used()

    def guard(self, peer: RTCPeerConnection) -> None:
        """Stand before every connection of a peer. To be called between the offer and the answer: its candidates are
        known then, and no socket is open yet."""
        self._ours = self._network.interfaces.look()
        if not self._ours.used:
            log.warning("no interface is up that calls may use: python server.py doctor says more")
        transports = {each.receiver.transport for each in peer.getTransceivers()}
        if peer.sctp is not None:
            transports.add(peer.sctp.transport)
        for transport in transports:
            self._guard(transport.transport._connection)

    def _guard(self, connection: Any) -> None:
        ordinary, add, check = (
            connection.get_component_candidates,
            connection._add_remote_candidate,
            connection.request_received,
        )

        async def get_component_candidates(component: int, addresses: list[str]) -> list[Candidate]:
            hosts = await self._hosts(connection, component, set(addresses))
            relayed = ordinary(component=component, addresses=[], timeout=SERVERS_TIMEOUT)
            reflexive = _reflexive(connection, hosts)
            found = await asyncio.gather(relayed, reflexive)
            return [each.local_candidate for each in hosts] + [one for some in found for one in some]

        def add_remote_candidate(candidate: Candidate, host: str) -> None:
            if self._admits(host):
                add(candidate, host)

        def request_received(message: Any, address: tuple[str, int], protocol: Any) -> None:
            if self._admits(address[0]):
                check(message, address, protocol)

        connection.get_component_candidates = get_component_candidates
        connection._add_remote_candidate = add_remote_candidate
        connection.request_received = request_received
        connection._remote_candidates[:] = [
            each for each in connection._remote_candidates if self._admits(each._network_host)
        ]

    def _admits(self, host: str) -> bool:
        why = refusal(host, self._ours, here=self._here)
        if why is None:
            return True
        self.dropped[why] += 1
        log.debug("nothing is sent to %s: %s", host, why)
        return False

    async def _hosts(self, connection: Any, component: int, known: set[str]) -> list[ice.StunProtocol]:
        """A socket on each of our addresses. aioice closes them with the connection, also those that there are when
        this raises `PortsExhausted`."""
        protocols = []
        for address in map(str, (each.address for each in self._ours.used)):
            if address not in known:
                continue
            try:
                opened = await self._network.ports.open(address)
            except OSError as error:  # it has gone since, or is not ours yet
                log.debug("no socket on %s: %s", address, error)
                continue
            protocol = await _listening(connection, opened)
            if connection._closing:  # another transport of the peer found no port, and all are let go
                await protocol.close()
                return []
            protocol.local_candidate = _candidate(component, opened.getsockname())
            connection._protocols.append(protocol)
            protocols.append(protocol)
        return protocols


async def _listening(connection: Any, opened: socket.socket) -> ice.StunProtocol:
    loop = asyncio.get_running_loop()
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, turn.UDP_SOCKET_BUFFER_SIZE)
        _, protocol = await loop.create_datagram_endpoint(lambda: ice.StunProtocol(connection), sock=opened)
    except BaseException:
        opened.close()
        raise
    return protocol


def _candidate(component: int, name: tuple[Any, ...]) -> Candidate:
    """A host candidate (RFC 8445, section 5.1.1.1)."""
    return Candidate(
        foundation=candidate_foundation("host", "udp", name[0]),
        component=component,
        transport="udp",
        priority=candidate_priority(component, "host"),
        host=name[0],
        port=name[1],
        type="host",
    )


async def _reflexive(connection: Any, hosts: list[ice.StunProtocol]) -> list[Candidate]:
    """What the STUN server, where there is one, sees our IPv4 sockets as."""
    asked = [each for each in hosts if ":" not in each.local_candidate.host] if connection.stun_server else []
    tasks = [
        asyncio.ensure_future(ice.server_reflexive_candidate(each, connection.stun_server)) for each in asked
    ]
    if not tasks:
        return []
    try:
        done, _ = await asyncio.wait(tasks, timeout=SERVERS_TIMEOUT)
    finally:
        for task in tasks:
            task.cancel()
    return [task.result()[0] for task in tasks if task in done and task.exception() is None]
