"""A stream that is published over a real connection: what the operator allows is done with it, and nothing else."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import av
import pytest

from bench.caller import Caller, Source
from bench.media import material
from tests.server import serving
from tests.webrtc.publishing import Publisher, told


@pytest.fixture(scope="module")
def vp8():
    return Source.read(material("vp8", (320, 240)))


@pytest.fixture(scope="module")
def h264():
    return Source.read(material("h264", (320, 240)))


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as http:
        yield http


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Nobody waits longer than a test for one who is gone."""
    monkeypatch.setattr("webrtc.publisher.CONNECT_TIMEOUT", 2.0)
    monkeypatch.setattr("webrtc.publisher.SILENT", 1.0)


async def timeline(http, server, session_id):
    async with http.get(f"{server.url}/api/sessions/{session_id}/timeline") as response:
        return await response.json()


async def recordings(http, server):
    """The recordings, once there is one with a name."""
    async with asyncio.timeout(5):
        while True:
            async with http.get(f"{server.url}/api/recordings") as response:
                if (kept := (await response.json())["recordings"]) and kept[0]["size"]:
                    return kept
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_with_the_operators_consent_labels_clips_and_a_recording_are_told_as_events_and_the_end_too(
    tmp_path, http, h264
):
    async with serving(tmp_path, whip_consent="analysis,recording", emotion_engines="embedded") as server:
        publisher = Publisher(http, server.url, h264)
        await publisher.publish()
        seen = {}
        async with http.get(publisher.events) as response:
            assert response.content_type == "text/event-stream"
            async for name, data, number in told(response):
                assert number is not None or name == "session_status"
                seen.setdefault(name, data)
                if name == "session_ended":
                    break
                if {"emotion_result", "clip_saved"} <= set(seen):
                    await publisher.stop()
            assert await response.content.read() == b"", "the end of the session is the end of the answer"
        await publisher.close()
        assert seen["session_ended"]["code"] == "left"
        assert seen["emotion_result"]["engine"] == "embedded"
        assert seen["clip_saved"]["video_name"] in [path.name for path in server.videos]
        await server.until(lambda status: status["sessions"] == [])
        (file,) = await recordings(http, server)
        kept = await timeline(http, server, publisher.session_id)
    ((consent,), (recording,)) = kept["consents"], kept["recordings"]
    assert (consent["analysis"], consent["recording"], consent["given_by"]) == (True, True, "operator")
    assert recording["began_at"] == pytest.approx(consent["at"], abs=0.1)
    assert kept["labels"] and kept["clips"]
    assert kept["session"]["end_reason"] == "the publisher stopped"
    with av.open(str(tmp_path / "recordings" / file["name"])) as whole:
        assert {stream.codec_context.name for stream in whole.streams} == {"h264", "opus"}
    for path in server.videos:
        with av.open(str(path)) as clip:
            assert {stream.type for stream in clip.streams} == {"video", "audio"}


@pytest.mark.slow
async def test_without_consent_it_is_buffered_and_nothing_else(tmp_path, http, vp8):
    async with serving(tmp_path) as server:
        publisher = Publisher(http, server.url, vp8)
        await publisher.publish()
        status = await server.until(lambda s: s["sessions"][0]["queue_info"]["video_duration"] > 2)
        (session,) = status["sessions"]
        assert (session["state"], session["messages_dropped"]) == ("connected", 0)
        assert not session["analysing"] and not session["recording"] and not session["windows_analysed"]
        assert await publisher.stop() == 200
        await server.until(lambda s: s["sessions"] == [])
        kept = await timeline(http, server, publisher.session_id)
        await publisher.close()
    assert server.videos == [] and not list((tmp_path / "recordings").iterdir())
    assert kept["labels"] == kept["clips"] == kept["consents"] == []


async def test_candidates_that_come_later_make_the_connection(tmp_path, http, vp8, monkeypatch):
    monkeypatch.setattr("webrtc.publisher.CONNECT_TIMEOUT", 10.0)
    async with serving(tmp_path) as server:
        publisher = Publisher(http, server.url, vp8, ["video"])
        answer = await publisher.publish(trickle=True)
        assert "a=candidate" in answer
        assert await publisher.trickle() == 204
        await publisher.connected()
        await server.until(lambda s: s["sessions"][0]["queue_info"]["video_frames"] > 5)
        await publisher.close()


@pytest.mark.slow
async def test_one_that_goes_without_a_word_is_let_go_and_nobody_waits_for_it(tmp_path, http, vp8):
    async with serving(tmp_path, session_grace=60) as server:
        publisher = Publisher(http, server.url, vp8)
        await publisher.publish()
        await server.until(lambda s: s["sessions"][0]["queue_info"]["video_frames"] > 5)
        for transceiver in publisher.peer.getTransceivers():
            for protocol in transceiver.sender.transport.transport._connection._protocols:
                protocol.transport.sendto = lambda *_: None
        began = time.monotonic()
        async with http.get(publisher.events) as response:
            events = [(name, data) async for name, data, _ in told(response)]
        assert events[-1][0] == "session_ended" and events[-1][1]["code"] == "unheard"
        await server.until(lambda s: s["sessions"] == [])
        assert time.monotonic() - began < 4
        await publisher.close()


@pytest.mark.slow
async def test_one_that_hangs_up_is_let_go_at_once(tmp_path, http, vp8):
    async with serving(tmp_path, session_grace=60) as server:
        publisher = Publisher(http, server.url, vp8)
        await publisher.publish()
        # A second: its history begins when it is first looked at after it has connected, within half of one.
        await server.until(lambda s: s["sessions"][0]["queue_info"]["video_duration"] > 1)
        await publisher.close()
        await server.until(lambda s: s["sessions"] == [], within=2)
        kept = await timeline(http, server, publisher.session_id)
        assert kept["session"]["end_reason"] == "the connection closed"


@pytest.mark.slow
async def test_one_that_never_connects_gives_its_place_back_and_is_not_in_the_history(tmp_path, http, vp8):
    async with serving(tmp_path, max_sessions=1, whip_consent="recording") as server:
        publisher = Publisher(http, server.url, vp8)
        sdp = await publisher.offer()
        offer = {"data": sdp, "headers": {"Content-Type": "application/sdp"}}
        await publisher.close()
        async with http.post(f"{server.url}/whip", **offer) as response:
            assert response.status == 201
        async with http.post(f"{server.url}/whip", **offer) as response:
            assert response.status == 503 and int(response.headers["Retry-After"]) > 0
            assert (await response.json())["error"]["code"] == "too_many_sessions"
        await server.until(lambda s: s["sessions"] == [])
        async with http.get(f"{server.url}/api/sessions") as response:
            assert (await response.json())["sessions"] == []


@pytest.mark.slow
async def test_a_stream_that_is_deleted_leaves_nothing_and_its_readers_are_told(tmp_path, http, vp8):
    async with serving(tmp_path, whip_consent="recording") as server:
        publisher = Publisher(http, server.url, vp8)
        await publisher.publish()
        async with http.get(publisher.events) as response:
            events = told(response)
            while (await anext(events))[0] != "clip_saved":
                pass
            async with http.delete(f"{server.url}/api/sessions/{publisher.session_id}") as deleted:
                assert deleted.status == 204
            last = [(name, data) async for name, data, _ in events][-1]
        assert last[0] == "session_ended" and last[1]["code"] == "deleted"
        assert server.videos == [] and not list((tmp_path / "recordings").iterdir())
        async with http.get(publisher.location) as response:
            assert response.status == 404
        await publisher.close()


@pytest.mark.slow
async def test_a_server_that_stops_ends_its_streams_and_tells_those_who_read(tmp_path, http, vp8):
    async with serving(tmp_path) as server:
        publisher = Publisher(http, server.url, vp8)
        await publisher.publish()
        response = await http.get(publisher.events)
        assert (await anext(told(response)))[0] == "session_status"
        began = time.monotonic()
    assert time.monotonic() - began < 4
    assert [data["code"] async for name, data, _ in told(response) if name == "session_ended"] == [
        "server_stopping"
    ]
    await publisher.close()


@pytest.mark.slow
async def test_the_call_of_a_page_can_be_read_along_too(tmp_path, http, vp8):
    async with serving(tmp_path) as server:
        caller = Caller(server.url, vp8, consent={"analysis": False, "recording": True})
        await caller.connect()
        caller.say("start_recording")
        clip = await caller.hear("clip_saved")
        after = {"Last-Event-ID": "0"}
        url = f"{server.url}/api/sessions/{caller.answer['session_id']}/events"
        async with http.get(url, headers=after) as response:
            async with asyncio.timeout(5):
                async for name, told_of, _ in told(response):
                    assert name not in ("pong", "welcome")
                    if name == "clip_saved":
                        assert told_of["video_name"] == clip["video_name"]
                        break
        await caller.close()
