"""Calls that have no way but through a TURN server."""

from __future__ import annotations

import re

import aiohttp
import pytest
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection
from aiortc.rtcconfiguration import RTCIceTransportPolicy

from bench.caller import Caller, Source
from bench.media import material
from tests.coturn import MISSING, SECRET, TURNSERVER, coturn
from tests.server import serving

CANDIDATE = re.compile(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ (\w+)")


@pytest.fixture(scope="module")
def vp8():
    return Source.read(material("vp8", (320, 240)))


@pytest.fixture(scope="module")
def turn(tmp_path_factory):
    if TURNSERVER is None:
        pytest.skip(MISSING)
    with coturn(tmp_path_factory.mktemp("coturn")) as made:
        yield made


@pytest.fixture(params=["udp", "tcp"])
async def server(request, turn, tmp_path):
    url = next(each for each in turn.urls.split(",") if each.endswith(request.param))
    async with serving(tmp_path, ice_servers=url, turn_secret=SECRET) as server:
        yield server


async def relayed(server, source, **options):
    """A caller that has what the server tells of ICE servers and uses a relay alone."""
    async with aiohttp.ClientSession(server.url) as http, http.get("/api/ice-servers") as response:
        servers = [RTCIceServer(**each) for each in (await response.json())["ice_servers"]]
    caller = Caller(server.url, source, **options)
    await caller.peer.close()
    caller.peer = RTCPeerConnection(
        RTCConfiguration(iceServers=servers, iceTransportPolicy=RTCIceTransportPolicy.RELAY)
    )
    caller.channel = caller.peer.createDataChannel("events")
    caller.channel.on("message", caller._on_message)
    return caller


@pytest.mark.slow
async def test_a_call_by_relay_alone_carries_media_one_way_and_messages_both(server, turn, vp8):
    caller = await relayed(server, vp8, consent={"analysis": False, "recording": True})
    await caller.connect()
    assert {kind for _, _, kind in CANDIDATE.findall(caller.peer.localDescription.sdp)} == {"relay"}
    assert {kind for _, _, kind in CANDIDATE.findall(caller.answer["sdp"])} == {"host", "relay"}, (
        "our own end has a relay too, for a caller that cannot send to us"
    )
    caller.say("start_recording")
    saved = await caller.hear("clip_saved")
    assert saved["size"] > 1000
    await caller.close()
    await server.until(lambda status: not status["sessions"])


@pytest.mark.slow
async def test_a_call_by_relay_comes_back_with_other_credentials(server, vp8):
    first = await relayed(server, vp8)
    await first.connect()
    second = await relayed(server, vp8, resume=first.answer)
    await second.connect()
    assert second.answer["resumed"]
    names = [each.peer._RTCPeerConnection__configuration.iceServers[0].username for each in (first, second)]
    assert names[0] != names[1]
    for caller in (first, second):
        await caller.close()
