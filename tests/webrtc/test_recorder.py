"""The recorder: the whole call is in a file, whatever the person, the camera and the disk do in the meantime."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import av
import pytest

from pipeline.finisher import Finisher
from pipeline.history.records import RecordingKept
from pipeline.recordings import Recordings
from pipeline.room import DiskLow, Room
from tests.pipeline.chat.fakes import FakeHistory
from tests.pipeline.frames import real
from tests.webrtc.services import fake_services
from tests.webrtc.test_outbox import FakeChannel
from webrtc.activity import Activity
from webrtc.messages import Consent
from webrtc.outbox import Outbox
from webrtc.recorder import Recorder

ALLOWED = Activity(consent=Consent(analysis=False, recording=True))
RECORDING = ALLOWED.start_recording()
SESSION = "0a1b"


class FakeMedia:
    """A call whose frames a test sends."""

    kinds = frozenset(("video", "audio"))

    def __init__(self):
        self.sink = None
        self.began = time.monotonic()

    def now(self):
        return time.monotonic() - self.began

    def send(self, frames):
        for frame in frames:
            if self.sink is not None:
                self.sink(frame)


@pytest.fixture
def recordings(tmp_path):
    recordings = Recordings(tmp_path / "recordings", Room(tmp_path, 0), 10**9, 10**9)
    recordings.prepare()
    return recordings


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("webrtc.recorder.DRAIN", 0.02)
    monkeypatch.setattr("webrtc.recorder.RETRY", 0.1)


@asynccontextmanager
async def running(recordings, **options):
    """A recorder with what a test looks at; its `end` lets the call end, and waits until its files are finished."""
    channel, outbox, media, history = FakeChannel(), Outbox(), FakeMedia(), FakeHistory()
    outbox.open(channel)
    finisher = Finisher(recordings, **options)
    services = fake_services(recordings=recordings, finisher=finisher, history=history)
    recorder = Recorder(SESSION, media, outbox, services)
    tasks = [asyncio.create_task(recorder.run()), asyncio.create_task(finisher.run())]

    await asyncio.sleep(0)  # both run

    async def end():
        tasks[0].cancel()
        with suppress(asyncio.CancelledError):
            await tasks[0]
        async with asyncio.timeout(20):
            while list(recordings.folder.glob("*.part")):
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.02)

    try:
        yield recorder, media, channel, history, end
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def call(codec="vp8", seconds=4.0, later=0.0, **changes):
    """Frames of both tracks in order of time."""
    video, audio = real(codec, seconds)
    frames = sorted((*video, *audio), key=lambda frame: frame.start)
    return [replace(frame, start=frame.start + later, **changes) for frame in frames]


def played(path):
    """How many pictures can be decoded, how much sound, and the seconds of the file."""
    with av.open(str(path)) as file:
        counts = {stream.type: 0 for stream in file.streams}
        for packet in file.demux():
            for _ in packet.decode():
                counts[packet.stream.type] += 1
        return counts, file.duration / 1e6 if file.duration else None


def said(channel, kind):
    return [message for message in channel.sent if message["type"] == kind]


@pytest.mark.parametrize(("codec", "ending"), [("vp8", "webm"), ("h264", "mp4")])
async def test_a_call_is_one_file_with_all_its_frames_and_is_told_of(recordings, codec, ending):
    async with running(recordings) as (recorder, media, channel, history, end):
        recorder.follow(RECORDING)
        frames = call(codec)
        for at in range(0, len(frames), 40):
            media.send(frames[at : at + 40])
            await asyncio.sleep(0.03)
        recorder.follow(ALLOWED)
        media.send(call(codec, later=4.0))  # is not recorded any more
        await end()
        (file,) = recordings.list()
        assert file.name.endswith(f"_{SESSION}.{ending}")
        counts, seconds = played(recordings.folder / file.name)
        assert counts == {"video": 120, "audio": 200} and seconds == pytest.approx(4.0, abs=0.05)
        (saved,) = said(channel, "recording_saved")
        assert (saved["recording_name"], saved["size"]) == (file.name, file.size)
        assert (saved["start"], saved["end"]) == (1.0, pytest.approx(4.98, abs=0.02))
        assert [(kept.name, kept.size) for kept in history.records] == [(file.name, file.size)]
        assert abs(recorder.bytes - file.size) < 10_000


async def test_it_begins_with_a_keyframe(recordings):
    async with running(recordings) as (recorder, media, _, _, end):
        recorder.follow(RECORDING)
        media.send([frame for frame in call() if frame.start > 1.5])
        await end()
        counts, _ = played(recordings.folder / recordings.list()[0].name)
        assert counts["video"] == 90


async def test_a_pause_ends_a_file_and_what_follows_has_its_own(recordings):
    async with running(recordings) as (recorder, media, _, _, end):
        recorder.follow(RECORDING)
        media.send(call(seconds=2.0))
        recorder.follow(RECORDING.pause("recording"))
        media.send(call(seconds=2.0, later=2.0))
        await asyncio.sleep(0.01)
        recorder.follow(RECORDING)
        media.send(call(seconds=3.0, later=4.0))
        await end()
        counts = [played(path)[0]["video"] for path in recordings.of(SESSION)]
        assert counts == [60, 90]


async def test_another_codec_begins_another_file(recordings):
    async with running(recordings) as (recorder, media, _, _, end):
        recorder.follow(RECORDING)
        media.send(call("vp8", 2.0))
        media.send(call("h264", 2.0, later=2.0))
        await asyncio.sleep(0.01)
        await end()
        assert {path.suffix for path in recordings.of(SESSION)} == {".webm", ".mp4"}
        assert [played(path)[0]["video"] for path in recordings.of(SESSION)] == [60, 60]


async def test_withdrawn_consent_leaves_nothing_of_it(recordings):
    async with running(recordings) as (recorder, media, channel, history, end):
        recorder.follow(RECORDING)
        media.send(call())
        await asyncio.sleep(0.1)
        assert list(recordings.folder.iterdir())
        recorder.follow(Activity())
        recordings.remove(SESSION)
        await end()
        assert list(recordings.folder.iterdir()) == []
        assert said(channel, "recording_saved") == [] == history.records


async def test_one_that_is_deleted_while_it_is_finished_does_not_come_back(recordings, tmp_path):
    begun = tmp_path / "begun"
    slow = ("sh", "-c", f'touch {begun}; sleep 0.3; echo made > "$2"', "sh")
    async with running(recordings, command=slow) as (recorder, media, channel, _, end):
        recorder.follow(RECORDING)
        media.send(call())
        recorder.follow(ALLOWED)
        while not begun.exists():
            await asyncio.sleep(0.01)
        recorder.follow(Activity())
        recordings.remove(SESSION)
        await end()
        await asyncio.sleep(0.5)
        assert list(recordings.folder.iterdir()) == [] and said(channel, "recording_saved") == []


async def test_one_that_cannot_be_finished_stays_as_it_was_written_and_plays(recordings):
    async with running(recordings, command=("false",)) as (recorder, media, channel, _, end):
        recorder.follow(RECORDING)
        media.send(call())
        await end()
        assert played(recordings.of(SESSION)[0])[0] == {"video": 120, "audio": 200}
        assert said(channel, "recording_saved")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (DiskLow(errno.ENOSPC, "10 MB are free"), "disk_low"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "disk_full"),
        (OSError(errno.EIO, os.strerror(errno.EIO)), "clips_unwritable"),
    ],
)
async def test_a_disk_without_room_ends_a_file_and_recording_goes_on_when_there_is_some(
    recordings, monkeypatch, trouble, code
):
    def refuse(_=0):
        raise trouble

    low = isinstance(trouble, DiskLow)
    async with running(recordings) as (recorder, media, channel, _, end):
        recorder.follow(RECORDING)
        media.send(call())
        await asyncio.sleep(0.1)
        with monkeypatch.context() as patched:
            patched.setattr(*((recordings.room, "require") if low else ("pipeline.recording.sync",)), refuse)
            media.send(call(later=4.0))
            await asyncio.sleep(0.3)
            media.send(call(later=8.0))
            await asyncio.sleep(0.1)
        (notice,) = said(channel, "notice")
        assert (notice["code"], notice["detail"]) == (code, trouble.strerror)
        await asyncio.sleep(0.1)
        media.send(call(later=12.0))
        await end()
        assert [played(path)[0]["video"] for path in recordings.of(SESSION)] == [120, 120]


async def test_a_disk_that_hangs_holds_one_thread_and_a_bounded_number_of_frames(recordings, monkeypatch):
    go_on, hanging = threading.Event(), []

    def hang(file):
        hanging.append(file)
        go_on.wait(5)

    monkeypatch.setattr("webrtc.recorder.MOST_WAITING", 500)
    monkeypatch.setattr("pipeline.recording.sync", hang)
    async with running(recordings) as (recorder, media, channel, _, end):
        recorder.follow(RECORDING)
        media.send(call())
        await asyncio.sleep(0.1)
        for turn in range(1, 4):
            media.send(call(later=turn * 4.0))
        await asyncio.sleep(0.1)
        assert len(hanging) == 1
        go_on.set()
        await asyncio.sleep(0.2)
        assert [notice["code"] for notice in said(channel, "notice")] == ["disk_slow"]
        await end()
        assert played(recordings.of(SESSION)[0])[0]["video"] > 200


async def test_a_call_ends_though_the_disk_hangs(recordings, monkeypatch):
    go_on = threading.Event()
    monkeypatch.setattr("webrtc.recorder.LAST_WRITE", 0.1)
    monkeypatch.setattr("pipeline.recording.sync", lambda file: go_on.wait(5))
    try:
        async with running(recordings) as (recorder, media, *_):
            recorder.follow(RECORDING)
            media.send(call())
            await asyncio.sleep(0.1)
            before = time.monotonic()
        assert time.monotonic() - before < 1.0
    finally:
        go_on.set()


async def test_the_history_is_told_of_nothing_that_is_not_on_disk(recordings):
    async with running(recordings) as (recorder, _, channel, history, end):
        recorder.follow(RECORDING)
        await end()
        assert list(recordings.folder.iterdir()) == [] == history.records
        assert not any(isinstance(record, RecordingKept) for record in history.records)
        assert said(channel, "recording_saved") == []
