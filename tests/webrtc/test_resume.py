"""A call outlives its connection: a page that comes back with its token finds everything as it left it."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from bench.caller import Caller, Source
from bench.media import material
from tests.server import serving

ALLOWED = {"analysis": False, "recording": True}


@pytest.fixture(scope="module")
def vp8():
    return Source.read(material("vp8", (320, 240)))


@pytest.fixture
async def server(tmp_path):
    async with serving(tmp_path, session_grace=30, max_sessions=2) as server:
        yield server


async def connected(server, vp8, **options):
    caller = Caller(server.url, vp8, consent=ALLOWED, **options)
    await caller.connect()
    await caller.hear("session_status")
    return caller


async def vanish(caller):
    """Go without a word, as a phone that leaves the network does."""
    caller._pinging.cancel()
    for transceiver in caller.peer.getTransceivers():
        for protocol in transceiver.sender.transport.transport._connection._protocols:
            protocol.transport.sendto = lambda *_: None
    await caller.close()


async def state_of(server):
    sessions = (await server.status())["sessions"]
    return sessions[0]["state"] if sessions else None


@pytest.mark.slow
async def test_who_goes_without_a_word_is_known_to_be_gone_and_comes_back_to_the_same_session(server, vp8):
    first = await connected(server, vp8)
    first.say("start_recording")
    await first.hear("clip_saved")
    before = (await server.status())["sessions"][0]
    gone = time.monotonic()
    await vanish(first)
    await server.until(lambda status: status["sessions"][0]["state"] == "disconnected")
    assert time.monotonic() - gone < 2.2

    again = time.monotonic()
    second = await connected(server, vp8, resume=first.answer)
    assert time.monotonic() - again < 1.5
    assert second.answer["resumed"] and second.answer["session_id"] == first.answer["session_id"]
    assert second.answer["token"] != first.answer["token"]
    status = (await server.status())["sessions"]
    assert len(status) == 1 and status[0]["state"] == "connected" and status[0]["recording"]
    assert status[0]["clips_saved"] >= before["clips_saved"] and status[0]["queue_info"]["video_frames"] > 20
    clip = await second.hear("clip_saved")
    assert clip["gaps"], "the clip that has what was sent before and after says that something is missing"
    await second.close()


@pytest.mark.slow
async def test_a_caller_who_comes_back_while_the_old_connection_is_there_takes_its_place(server, vp8):
    first = await connected(server, vp8)
    second = await connected(server, vp8, resume=first.answer)
    assert second.answer["resumed"]
    await asyncio.sleep(0.5)
    assert await state_of(server) == "connected"
    async with aiohttp.ClientSession(server.url) as http:
        path, old = f"/api/sessions/{first.answer['session_id']}/leave", {"token": first.answer["token"]}
        async with http.post(path, json=old) as response:
            assert response.status == 404, "the goodbye of the old page comes too late"
        async with http.post(path, json={"token": second.answer["token"]}) as response:
            assert response.status == 204
    await server.until(lambda status: not status["sessions"])
    for caller in (first, second):
        await caller.close()


async def test_a_page_that_is_reloaded_says_so_and_its_call_waits(server, vp8):
    first = await connected(server, vp8)
    async with aiohttp.ClientSession(server.url) as http:
        body = {"token": first.answer["token"], "back": True}
        async with http.post(f"/api/sessions/{first.answer['session_id']}/leave", json=body) as response:
            assert response.status == 204
    await server.until(lambda status: status["sessions"][0]["state"] == "disconnected", within=1)
    second = await connected(server, vp8, resume=first.answer)
    assert second.answer["resumed"]
    for caller in (first, second):
        await caller.close()


@pytest.mark.slow
@pytest.mark.parametrize("change", [{"token": "guessed"}, {"session_id": "0a1b"}])
async def test_who_has_no_right_to_a_call_gets_one_of_their_own(server, vp8, change):
    first = await connected(server, vp8)
    second = await connected(server, vp8, resume=first.answer | change)
    assert not second.answer["resumed"] and second.answer["session_id"] != first.answer["session_id"]
    assert len((await server.status())["sessions"]) == 2
    for caller in (first, second):
        await caller.close()


@pytest.mark.slow
async def test_those_who_are_away_hold_no_place_and_find_none_when_all_are_taken(server, vp8):
    away = [await connected(server, vp8) for _ in range(2)]
    for caller in away:
        await caller.close()
    await server.until(lambda status: {each["state"] for each in status["sessions"]} == {"disconnected"})
    there = [await connected(server, vp8) for _ in range(2)]
    with pytest.raises(RuntimeError, match="too_many_sessions"):
        await connected(server, vp8, resume=away[0].answer)
    assert len((await server.status())["sessions"]) <= 4
    for caller in there:
        await caller.close()


class TestAShortGrace:
    @pytest.fixture
    async def server(self, tmp_path):
        async with serving(tmp_path, session_grace=0.5) as server:
            yield server

    @pytest.mark.slow
    async def test_a_call_that_nobody_comes_back_to_ends_and_a_new_one_begins(self, server, vp8):
        first = await connected(server, vp8)
        await first.close()
        await server.until(lambda status: not status["sessions"], within=3)
        second = await connected(server, vp8, resume=first.answer)
        assert not second.answer["resumed"]
        await second.close()
