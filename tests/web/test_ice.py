"""The ICE servers that callers are told of, and calls in a range of ports."""

from __future__ import annotations

import json
import re

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from bench.caller import Caller, Source
from bench.media import material
from tests.web.test_api import error_of
from tests.webrtc.network.test_ports import free
from webrtc.network import Interfaces
from webrtc.network.servers import LIFETIME

URL = "turn:127.0.0.1:9?transport=udp"
CANDIDATE = re.compile(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host")


@pytest.fixture(scope="module")
def source():
    return Source.read(material("vp8", (320, 240)))


async def config(http):
    async with http.get("/") as response:
        text = await response.text()
    return json.loads(re.search(r"data-config=\"([^\"]+)\"", text)[1].replace("&#34;", '"'))


async def test_without_servers_the_page_need_not_ask(http):
    async with http.get("/api/ice-servers") as response:
        assert await response.json() == {"ice_servers": [], "lifetime": LIFETIME}
    assert (await config(http))["asks_ice_servers"] is False


class TestWithATurnServer:
    @pytest.fixture
    def settings(self):
        return {"ice_servers": f"stun:127.0.0.1:9,{URL}", "turn_secret": "north"}

    async def test_each_who_asks_has_credentials_of_their_own_which_no_page_and_no_cache_holds(self, http):
        seen = []
        for _ in range(2):
            async with http.get("/api/ice-servers") as response:
                assert response.headers["Cache-Control"] == "no-store"
                stun, turn = (await response.json())["ice_servers"]
            assert stun == {"urls": ["stun:127.0.0.1:9"]}, "a null would be taken for a name"
            assert turn["urls"] == [URL]
            seen.append((turn["username"], turn["credential"]))
        assert seen[0] != seen[1]
        page = await config(http)
        assert page["asks_ice_servers"] is True and "credential" not in str(page)

    async def test_a_stranger_who_has_not_entered_the_code_is_told_none(self, http):
        async with http.get("/api/ice-servers", headers={"X-Forwarded-For": "10.0.0.7"}) as response:
            assert await error_of(response) == (401, "access_code_required")


class TestARangeOfPorts:
    @pytest.fixture
    def first(self):
        return free(2)

    @pytest.fixture
    def settings(self, first):
        return {"udp_port_range": f"{first}-{first + 1}", "max_sessions": 8}

    @pytest.mark.slow
    async def test_calls_lie_in_it_and_one_too_many_is_refused_by_code_until_one_leaves(
        self, http, server, source, first
    ):
        callers = [Caller(server.url, source) for _ in range(2)]
        for caller in callers:
            await caller.connect()
        ports = {int(port) for each in callers for _, port in CANDIDATE.findall(each.answer["sdp"])}
        assert ports <= {first, first + 1}
        hosts = {host for host, _ in CANDIDATE.findall(callers[0].answer["sdp"])}
        assert hosts == {str(each.address) for each in Interfaces().look().used}

        late = Caller(server.url, source)
        with pytest.raises(RuntimeError, match="no_port_left"):
            await late.connect()
        assert len((await server.status())["sessions"]) == 2
        await callers[0].close()
        await server.until(lambda status: len(status["sessions"]) == 1)
        after = Caller(server.url, source)
        await after.connect()
        for caller in (callers[1], after):
            await caller.close()

    async def test_a_refusal_says_when_to_come_back(self, http, server, source):
        callers = [Caller(server.url, source) for _ in range(2)]
        for caller in callers:
            await caller.connect()
        offer = {"sdp": callers[0].peer.localDescription.sdp, "type": "offer"}
        async with http.post("/offer", json=offer) as response:
            assert int(response.headers["Retry-After"]) > 0
            assert await error_of(response) == (503, "no_port_left")
        for caller in callers:
            await caller.close()


async def test_a_callers_bad_candidates_are_counted(http, server):
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.createDataChannel("events")
    peer.addTransceiver("video")
    await peer.setLocalDescription(await peer.createOffer())
    bad = "a=candidate:9 1 udp 1 169.254.169.254 80 typ host\r\n"
    sdp = peer.localDescription.sdp.replace("a=ice-ufrag", f"{bad}a=ice-ufrag", 1)
    async with http.post("/offer", json={"sdp": sdp, "type": "offer"}) as response:
        assert response.status == 200
    assert [each["candidates_dropped"] for each in (await server.status())["sessions"]] == [1]
    async with http.get("/metrics") as response:
        assert 'mien_dropped_total{what="candidates"} 1.0' in await response.text()
    await peer.close()
