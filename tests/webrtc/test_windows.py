"""The windows: what is looked at and kept, whatever frames, disk and person do in the meantime."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from contextlib import asynccontextmanager, suppress

import pytest

from models.base import EmotionResult, EngineStatus, FaceBox, Latency
from pipeline.clip import Cut, cut
from pipeline.history.records import ClipKept, LabelSeen
from pipeline.jobs import AnalysisError
from pipeline.library import Library, Retention
from tests.pipeline.chat.fakes import FakeHistory
from tests.pipeline.frames import made_up, real
from tests.webrtc.services import fake_services
from tests.webrtc.test_outbox import FakeChannel
from webrtc.activity import Activity
from webrtc.messages import Consent
from webrtc.outbox import Outbox
from webrtc.windows import Windows

RECORDING = Activity(consent=Consent(analysis=False, recording=True), recording_started=True)
OFF = {"fallback_reason": "lddu: off", "fallback_codes": {"lddu": "unloaded"}}
ANALYSING = Activity(consent=Consent(analysis=True, recording=False))


class FakeMedia:
    """A call in which another third of a second has passed at each look."""

    def __init__(self):
        self.video, self.audio = real("vp8", 8)
        self.time = 3.0
        self.asked = 0
        self.on_keyframe = lambda: None

    async def fresh_keyframe(self, deadline):
        self.asked += 1
        self.time += 0.34
        self.on_keyframe()
        return True

    def cut(self, length, since):
        video, audio = ([f for f in track if f.start <= self.time] for track in (self.video, self.audio))
        return cut(video, audio, length, since)

    def now(self):
        return self.time


class FakeAnalysis:
    """Counts what it is asked for, gives the answers that a test has laid down, each after a while, and then none."""

    engines = (EngineStatus(name="fake", state="ready"),)

    def __init__(self):
        self.asked, self.forgotten, self.answers = [], [], []
        self.takes, self.begun = 0.0, 0

    def ready_for(self, told):
        return True

    async def analyze(self, session_id, clip, language, told):
        self.asked.append(clip)
        for answer in self.answers:
            await asyncio.sleep(self.takes)
            self.begun += 1
            yield answer(clip, language)
        raise AnalysisError("superseded", "not today")

    def forget(self, session_id):
        self.forgotten.append(session_id)


@pytest.fixture
def library(tmp_path):
    kept = Retention(max_count=100, max_bytes=10**9, max_age=10**9)
    library = Library(tmp_path / "videos", tmp_path / "thumbnails", kept)
    library.prepare()
    return library


@asynccontextmanager
async def running(library, *, media=None, history=None):
    channel, outbox, analysis = FakeChannel(), Outbox(), FakeAnalysis()
    outbox.open(channel)
    media = media or FakeMedia()
    services = fake_services(analysis=analysis, library=library, history=history)
    windows = Windows("0a1b", media, outbox, services, 5.0, 0.05)
    task = asyncio.create_task(windows.run())
    try:
        yield windows, media, analysis, channel
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def kinds(channel):
    return [message["type"] for message in channel.sent]


async def test_a_clip_holds_nothing_from_before_the_recording_began(library):
    async with running(library) as (windows, media, _, channel):
        began = media.now()
        windows.follow(RECORDING)
        await asyncio.sleep(0.5)
        saved = [message for message in channel.sent if message["type"] == "clip_saved"]
        assert saved and all(clip["start"] >= began for clip in saved)


async def test_what_is_looked_at_holds_nothing_from_a_pause(library):
    async with running(library) as (windows, media, analysis, _):
        windows.follow(ANALYSING)
        await asyncio.sleep(0.3)
        windows.follow(ANALYSING.pause("analysis"))
        before = len(analysis.asked)
        assert before
        await asyncio.sleep(0.2)
        assert len(analysis.asked) == before
        media.time += 1
        resumed = media.now()
        windows.follow(ANALYSING)
        await asyncio.sleep(0.3)
        assert analysis.asked[before:] and all(clip.start >= resumed for clip in analysis.asked[before:])


async def test_consent_withdrawn_while_the_keyframe_is_awaited_ends_the_window(library):
    async with running(library) as (windows, media, analysis, _):
        media.on_keyframe = lambda: windows.follow(Activity())
        windows.follow(ANALYSING)
        await asyncio.sleep(0.3)
        assert analysis.asked == [] and analysis.forgotten == ["0a1b"]


@pytest.mark.slow
async def test_a_call_in_which_nothing_new_comes_gives_no_window_twice(library):
    async with running(library) as (windows, media, analysis, _):
        windows.follow(ANALYSING)
        await asyncio.sleep(1.8)
        ends = [clip.end for clip in analysis.asked]
        assert ends == sorted(set(ends)) and ends[-1] == media.video[-1].start


async def test_a_frame_that_cannot_be_muxed_costs_its_window_and_nothing_else(library):
    bad = made_up(4.0, codec="h264", format_=b"\x67garbage")

    class Spoilt(FakeMedia):
        def cut(self, length, since):
            chosen = super().cut(length, since)
            return chosen if self.asked > 4 else Cut(video=[bad], audio=[], start=self.time, end=self.time)

    async with running(library, media=Spoilt()) as (windows, _, analysis, _):
        windows.follow(ANALYSING)
        await asyncio.sleep(0.6)
        assert windows.dropped >= 2 and analysis.asked


async def test_a_disk_that_hangs_is_said_once_and_holds_one_thread(library, monkeypatch):
    go_on, calls = threading.Event(), []

    def hang(name, data):
        calls.append(name)
        go_on.wait(5)

    monkeypatch.setattr(library, "save", hang)
    async with running(library) as (windows, _, _, channel):
        windows.follow(RECORDING)
        await asyncio.sleep(0.6)
        try:
            assert len(calls) == 1 and windows.dropped >= 2
            assert kinds(channel).count("notice") == 1
        finally:
            go_on.set()


async def test_idle_calls_are_asked_for_a_keyframe_only_now_and_then(library):
    async with running(library) as (_, media, analysis, channel):
        await asyncio.sleep(0.4)
        assert media.asked == 1 and analysis.asked == [] and channel.sent == []


def answer(engine, **fields):
    """An answer for the clip it is asked about."""

    def give(clip, language):
        return EmotionResult(
            emotion="happy", reason=None, probabilities={}, confidence=None, valence=None, arousal=None,
            description=language, window_start=clip.start, window_end=clip.end, engine=engine,
            latency=Latency(decode=1, features=1, inference=1, total=3), **fields,
        )  # fmt: skip

    return give


async def test_the_page_is_told_where_the_face_is(library):
    async with running(library) as (windows, _, analysis, channel):
        face = FaceBox(x=0.33333, y=0.25, width=0.2, height=0.3)
        analysis.answers = [answer("embedded", face=face, provisional=True), answer("qwen")]
        windows.follow(ANALYSING.with_consent(Consent(analysis=True)))
        await asyncio.sleep(0.3)
        results = [message for message in channel.sent if message["type"] == "emotion_result"]
        assert results[0]["face"] == {"x": 0.3333, "y": 0.25, "width": 0.2, "height": 0.3}
        assert results[1]["face"] is None


async def test_every_answer_for_a_window_is_sent_under_its_name_and_counts_once(library):
    async with running(library) as (windows, _, analysis, channel):
        analysis.answers = [answer("embedded", provisional=True), answer("qwen", **OFF)]
        windows.language = "zh"
        windows.follow(ANALYSING.with_consent(Consent(analysis=True, recording=True)).start_recording())
        await asyncio.sleep(0.3)
        results = [message for message in channel.sent if message["type"] == "emotion_result"]
        saved = [message["video_name"] for message in channel.sent if message["type"] == "clip_saved"]
        first, second = [result for result in results if result["video_name"] == saved[0]]
        assert (first["engine"], first["provisional"], second["engine"]) == ("embedded", True, "qwen")
        assert first["window_end"] == second["window_end"]
        assert {name: second[name] for name in OFF} == OFF and second["description"] == "zh"
        assert second["confidence"] is None
        assert windows.analysed == len({result["window_end"] for result in results})
        assert windows.dropped == 0


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "disk_full"), (errno.EDQUOT, "disk_full"), (errno.EROFS, "clips_unwritable")],
)
async def test_why_a_clip_is_not_written_has_a_code_and_what_the_machine_said(
    library, monkeypatch, number, code
):
    def refuses(name, data):
        raise OSError(number, os.strerror(number))

    async with running(library) as (windows, *_, channel):
        monkeypatch.setattr(library, "save", refuses)
        windows.follow(RECORDING)
        await asyncio.sleep(0.3)
        (notice,) = [message for message in channel.sent if message["type"] == "notice"]
        assert (notice["code"], notice["detail"]) == (code, os.strerror(number))


async def test_a_disk_that_is_slower_than_the_clips_come_is_said_to_be(library, monkeypatch):
    may_end = threading.Event()
    async with running(library) as (windows, *_, channel):
        monkeypatch.setattr(library, "save", lambda name, data: may_end.wait(5))
        windows.follow(RECORDING)
        try:
            await asyncio.sleep(0.4)
            (notice,) = [message for message in channel.sent if message["type"] == "notice"]
        finally:
            may_end.set()
        assert notice["code"] == "disk_slow"


async def test_clips_are_written_again_once_the_disk_can(library):
    async with running(library) as (windows, *_, channel):
        library.videos.rmdir()
        library.videos.write_bytes(b"in the way")
        windows.follow(RECORDING)
        await asyncio.sleep(0.3)
        assert kinds(channel).count("notice") == 1 and "clip_saved" not in kinds(channel)
        library.videos.unlink()
        await asyncio.sleep(0.3)
        assert "clip_saved" in kinds(channel)


@pytest.mark.parametrize("ending", [Activity(), ANALYSING.pause("analysis")])
async def test_nothing_is_asked_further_or_sent_once_analysis_ends(library, ending):
    async with running(library) as (windows, _, analysis, channel):
        analysis.answers, analysis.takes = [answer("embedded"), answer("remote")], 0.2
        windows.follow(ANALYSING)
        await asyncio.sleep(0.3)  # some have the first answer, and wait for another engine's
        windows.follow(ending)
        begun, sent = analysis.begun, kinds(channel).count("emotion_result")
        assert begun > 0 and sent > 0
        windows.follow(ANALYSING)
        await asyncio.sleep(0.15)
        assert (analysis.begun, kinds(channel).count("emotion_result")) == (begun, sent)


async def test_saving_goes_on_when_analysis_ends(library):
    async with running(library) as (windows, _, analysis, channel):
        analysis.answers, analysis.takes = [answer("embedded")], 5.0
        both = Consent(analysis=True, recording=True)
        windows.follow(ANALYSING.with_consent(both).start_recording())
        await asyncio.sleep(0.3)
        saved = kinds(channel).count("clip_saved")
        windows.follow(RECORDING)
        await asyncio.sleep(0.3)
        assert kinds(channel).count("clip_saved") > saved > 0


async def test_answers_and_clips_are_kept_in_the_history_as_the_page_was_told(library):
    history = FakeHistory()
    async with running(library, history=history) as (windows, media, analysis, channel):
        analysis.answers = [answer("embedded", face=FaceBox(x=0.4, y=0.25, width=0.2, height=0.3))]
        windows.follow(ANALYSING.with_consent(Consent(analysis=True, recording=True)).start_recording())
        await asyncio.sleep(0.3)
        told = [message for message in channel.sent if message["type"] == "emotion_result"]
        labels = [record for record in history.records if isinstance(record, LabelSeen)]
        assert [(label.window_end, label.emotion, label.video_name) for label in labels[: len(told)]] == [
            (result["window_end"], result["emotion"], result["video_name"]) for result in told
        ]
        saved = {message["video_name"] for message in channel.sent if message["type"] == "clip_saved"}
        assert saved and saved <= {record.name for record in history.records if isinstance(record, ClipKept)}
        assert "happy" in windows.mood.told(media.now(), "en")


async def test_a_clip_is_not_acknowledged_before_the_history_has_it_and_labels_do_not_wait(library):
    history = FakeHistory()
    history.hold = asyncio.Event()
    async with running(library, history=history) as (windows, _, analysis, channel):
        analysis.answers = [answer("embedded")]
        windows.follow(ANALYSING.with_consent(Consent(analysis=True, recording=True)).start_recording())
        await asyncio.sleep(0.4)
        assert "clip_saved" not in kinds(channel) and kinds(channel).count("emotion_result") >= 2
        history.hold.set()
        await asyncio.sleep(0.1)
        assert "clip_saved" in kinds(channel)


async def test_the_mood_is_forgotten_with_the_consent(library):
    async with running(library) as (windows, media, analysis, _):
        analysis.answers = [answer("embedded")]
        windows.follow(ANALYSING)
        await asyncio.sleep(0.2)
        assert windows.mood.told(media.now(), "en")
        windows.follow(Activity())
        assert windows.mood.told(media.now(), "en") is None
