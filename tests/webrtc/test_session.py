"""A session over a real connection: an aiortc caller sends a real encoded file to the real server."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from functools import partial
from types import SimpleNamespace

import aiohttp
import av
import psutil
import pytest

from bench.caller import Caller, Source
from bench.media import material
from tests.server import serving
from tests.webrtc.services import fake_services
from web.app import make_app
from web.limits import Limits
from webrtc.config import SessionConfig
from webrtc.messages import SessionEnded
from webrtc.session import FAREWELL, Session
from webrtc.windows import SHORTEST_CLIP


@pytest.fixture(scope="module", params=["vp8", pytest.param("h264", marks=pytest.mark.slow)])
def source(request):
    return Source.read(material(request.param, (320, 240)))


@pytest.fixture(scope="module")
def vp8():
    return Source.read(material("vp8", (320, 240)))


@pytest.mark.slow
async def test_the_ring_fills_and_nothing_is_written_without_consent(tmp_path, source):
    async with serving(tmp_path) as server:
        gc.collect()  # now, and not for 200 ms while the call connects, which the caller would make up for
        caller = Caller(server.url, source)
        await caller.connect()
        welcome = await caller.hear("welcome")
        assert welcome["session_id"] == caller.answer["session_id"]
        caller.say("start_recording")
        assert (await caller.hear("error"))["code"] == "consent_required"
        await asyncio.sleep(2.5)
        status = await server.status()
        held = status["sessions"][0]["queue_info"]
        assert held["video_duration"] > 2 and held["audio_duration"] > 2
        assert held["video_frames"] == pytest.approx(held["video_duration"] * 30, abs=8)
        assert server.videos == []
        await caller.close()


@pytest.mark.slow
async def test_while_recording_a_clip_a_second_is_written_with_both_tracks(tmp_path, source):
    async with serving(tmp_path, save_interval=0.5) as server:
        caller = Caller(server.url, source, consent={"analysis": False, "recording": True})
        await caller.connect()
        caller.say("start_recording")
        await caller.hear("clip_saved")
        await asyncio.sleep(3)
        so_far = len(caller.messages)
        caller.say("stop_recording")
        await caller.hear("session_status", after=so_far, recording=False)
        await asyncio.sleep(0.2)  # for a clip that was being written
        saved = caller.heard("clip_saved")
        assert 4 <= len(saved) <= 8
        assert [path.name for path in server.videos] == [clip["video_name"] for clip in saved]
        for path, said in zip(server.videos, saved, strict=True):
            assert path.stat().st_size == said["size"]
            with av.open(str(path)) as file:
                assert {stream.type for stream in file.streams} == {"video", "audio"}
                assert file.duration / 1e6 == pytest.approx(said["end"] - said["start"], abs=0.2)
        before = len(server.videos)
        await asyncio.sleep(1.2)
        assert len(server.videos) == before
        await caller.close()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["audio", "video"])
async def test_a_caller_with_only_one_of_the_two_gets_clips(tmp_path, vp8, kind):
    async with serving(tmp_path) as server:
        caller = Caller(server.url, vp8, [kind], consent={"analysis": False, "recording": True})
        await caller.connect()
        caller.say("start_recording")
        await caller.hear("clip_saved")
        with av.open(str(server.videos[0])) as file:
            assert [stream.type for stream in file.streams] == [kind]
        await caller.close()


@pytest.mark.slow
async def test_pause_and_withdrawn_consent_stop_the_writing(tmp_path, vp8):
    async with serving(tmp_path, save_interval=0.5) as server:
        caller = Caller(server.url, vp8, consent={"analysis": False, "recording": True})
        await caller.connect()
        caller.say("start_recording")
        await caller.hear("clip_saved")
        caller.say("pause", what="recording")
        await caller.hear("session_status", recording=False, paused=["recording"])
        await asyncio.sleep(0.5)
        paused = len(server.videos)
        await asyncio.sleep(1.2)
        assert len(server.videos) == paused
        caller.say("set_consent", analysis=False, recording=False)
        caller.say("resume", what="recording")
        await caller.hear("session_status", paused=[], recording=False)
        caller.say("start_recording")
        assert (await caller.hear("error"))["code"] == "consent_required"
        await caller.close()


@pytest.mark.alone
@pytest.mark.slow  # it counts by the clock, which other tests beside it hold up
async def test_a_label_a_second_comes_with_the_name_of_its_clip_until_consent_is_withdrawn(tmp_path, vp8):
    async with serving(tmp_path) as server:
        caller = Caller(server.url, vp8, consent={"analysis": True, "recording": True})
        await caller.connect()
        caller.say("start_recording")
        await caller.hear("session_status", analysing=True)
        await asyncio.sleep(4)
        labels = caller.heard("emotion_result")
        assert len(labels) >= 3
        assert {(label["emotion"], label["reason"]) for label in labels} == {("unknown", "no_face")}
        assert [label["window_end"] for label in labels] == sorted(label["window_end"] for label in labels)
        ends = {clip["video_name"]: clip["end"] for clip in caller.heard("clip_saved")}
        for label in labels:
            if label["video_name"] is None:  # a look may be at a single picture, which is no clip
                assert label["window_end"] - label["window_start"] < SHORTEST_CLIP
            else:
                assert label["window_end"] == ends[label["video_name"]]
            assert 0 < label["latency"]["total"] < 2000
        caller.say("set_consent", analysis=False, recording=True)
        await caller.hear("session_status", after=len(caller.messages), analysing=False)
        heard = len(caller.heard("emotion_result"))
        await asyncio.sleep(1.5)
        assert len(caller.heard("emotion_result")) == heard
        await caller.close()


@pytest.mark.alone
@pytest.mark.slow
async def test_a_camera_that_goes_off_is_said_and_the_sound_goes_on(tmp_path, vp8):
    async with serving(tmp_path) as server:
        caller = Caller(server.url, vp8, consent={"analysis": True, "recording": True})
        await caller.connect()
        caller.say("start_recording")
        await caller.hear("emotion_result", reason="no_face")
        caller.players["video"].stop()
        await caller.hear("emotion_result", reason="no_video")
        await asyncio.sleep(2.2)
        names = [clip["video_name"] for clip in caller.heard("clip_saved")]
        assert len(names) == len(set(names)) >= 3
        with av.open(str(server.videos[-1])) as file:
            assert [stream.type for stream in file.streams] == ["audio"]
        await caller.close()


@pytest.mark.slow
async def test_bad_messages_are_answered_and_unknown_ones_counted(tmp_path, vp8):
    async with serving(tmp_path) as server:
        caller = Caller(server.url, vp8)
        await caller.connect()
        caller.channel.send("{not json")
        assert (await caller.hear("error"))["code"] == "bad_message"
        caller.say("teleport")
        status = await server.until(lambda s: s["sessions"][0]["messages_unknown"] == 1)
        assert status["sessions"][0]["state"] == "connected"
        await caller.close()


@pytest.mark.slow
async def test_a_page_that_says_no_hello_is_told_so_and_let_go(tmp_path, vp8):
    async with serving(tmp_path) as server:
        caller = Caller(server.url, vp8, say_hello=False)
        await caller.connect()
        assert (await caller.hear("error", 7))["code"] == "hello_timeout"
        await server.until(lambda s: s["sessions"] == [])
        await caller.close()


@pytest.mark.slow
async def test_a_page_of_which_nothing_comes_is_told_so_and_freed_within_five_seconds(tmp_path, vp8):
    async with serving(tmp_path) as server:
        caller = Caller(server.url, vp8, ping=None)
        await caller.connect()
        for sender in caller.peer.getSenders():
            sender.replaceTrack(None)
        await server.until(lambda s: len(s["sessions"]) == 1)
        await server.until(lambda s: s["sessions"] == [], within=5)
        assert (await caller.hear("session_ended"))["code"] == "unheard"
        await caller.close()


@pytest.mark.slow
async def test_a_caller_whose_session_is_deleted_is_told_so_last_of_all(tmp_path, vp8):
    async with serving(tmp_path) as server:
        caller = Caller(server.url, vp8)
        await caller.connect()
        await caller.hear("session_status")
        url = f"{server.url}/api/sessions/{caller.answer['session_id']}"
        async with aiohttp.ClientSession() as http, http.delete(url) as response:
            assert response.status == 204
        assert (await caller.hear("session_ended", 1))["code"] == "deleted"
        assert caller.messages[-1]["type"] == "session_ended"
        await caller.close()


@pytest.mark.slow
async def test_a_server_that_stops_tells_its_callers_and_is_held_up_by_no_more_than_the_farewell(
    tmp_path, vp8, monkeypatch
):
    async def stopping(folder, farewell):
        monkeypatch.setattr("webrtc.session.FAREWELL", farewell)
        async with serving(tmp_path / folder) as server:
            callers = [Caller(server.url, vp8) for _ in range(2)]
            for caller in callers:
                await caller.connect()
                await caller.hear("session_status")
            began = time.monotonic()
        took = time.monotonic() - began
        for caller in callers:
            assert (await caller.hear("session_ended", 1))["code"] == "server_stopping"
            await caller.close()
        return took

    # All at once, not one after the other. What the rest takes varies by some tenths.
    assert await stopping("long", 1.0) - await stopping("short", FAREWELL) < 1.5


async def test_nobody_waits_for_a_page_that_has_no_channel(tmp_path, monkeypatch):
    monkeypatch.setattr("webrtc.session.FAREWELL", 60)
    services = fake_services(analysis=SimpleNamespace(engines=(), forget=lambda session_id: None))
    session = Session("0a1b", SessionConfig(ring_duration=10, buffer_duration=5, save_interval=1), services)
    running = asyncio.create_task(session.run())
    await asyncio.sleep(0)
    session.leave("deleted", SessionEnded(code="deleted", message=""))
    async with asyncio.timeout(5):
        await running


@pytest.mark.slow
async def test_a_page_that_sends_media_and_says_nothing_is_borne_with_for_a_while(tmp_path, vp8, monkeypatch):
    monkeypatch.setattr("webrtc.connection.HEARTBEAT_TIMEOUT", 0.5)
    monkeypatch.setattr("webrtc.connection.MEDIA_ALONE_TIMEOUT", 2.0)
    async with serving(tmp_path) as server:
        caller = Caller(server.url, vp8, ping=None)
        await caller.connect()
        await asyncio.sleep(1.2)
        assert len((await server.status())["sessions"]) == 1
        await server.until(lambda s: s["sessions"] == [], within=3)
        await caller.close()


@pytest.mark.slow
async def test_clips_that_cannot_be_written_are_said_once_and_the_call_goes_on(tmp_path, vp8):
    async with serving(tmp_path) as server:
        caller = Caller(server.url, vp8, consent={"analysis": False, "recording": True})
        await caller.connect()
        (tmp_path / "videos").rmdir()
        (tmp_path / "videos").write_bytes(b"in the way")
        caller.say("start_recording")
        notice = await caller.hear("notice")
        assert (notice["code"], notice["level"]) == ("clips_unwritable", "error")
        await asyncio.sleep(2.5)
        assert len(caller.heard("notice")) == 1
        assert (await server.status())["sessions"][0]["state"] == "connected"
        await caller.close()


def _threads():
    """Those beside the server's own pool, which is bounded and grows when it is first busy."""
    return sum(not thread.name.startswith("work_") for thread in threading.enumerate())


@pytest.mark.slow
async def test_fifty_callers_come_and_go_and_leave_nothing_behind(tmp_path, vp8, monkeypatch):
    # All of them from one address, and faster than people would.
    monkeypatch.setattr("server.make_app", partial(make_app, limits=Limits(offers=None)))
    async with serving(tmp_path) as server:
        process = psutil.Process()

        async def come_and_go(times):
            for _ in range(times):
                caller = Caller(server.url, vp8, consent={"analysis": False, "recording": True})
                await caller.connect()
                caller.say("start_recording")
                await asyncio.sleep(0.3)
                await caller.close()
            await server.until(lambda s: s["sessions"] == [])
            await asyncio.sleep(0.5)
            gc.collect()
            return (
                len(asyncio.all_tasks()),
                _threads(),
                process.num_fds(),
                process.memory_info().rss / 1e6,
            )

        before = await come_and_go(10)
        after = await come_and_go(50)
        assert after[:3] <= before[:3], (before, after)
        assert after[3] - before[3] < 15, (before, after)


async def test_a_call_that_is_closing_is_counted_once():
    services = fake_services(analysis=SimpleNamespace(engines=(), forget=lambda session_id: None))
    config = SessionConfig(ring_duration=10, buffer_duration=5, save_interval=1)
    session, closing, may_end = Session("0a1b", config, services), asyncio.Event(), asyncio.Event()
    close = session.close

    async def slow():
        closing.set()
        await may_end.wait()
        await close()

    session.close = slow
    running = asyncio.create_task(session.run())
    await asyncio.sleep(0)
    session.leave("done")
    await closing.wait()
    assert services.figures.sessions == []
    may_end.set()
    await running
    assert services.figures.sessions == [session]
