"""A consent that is withdrawn takes the rows that came of it, and nothing that came before it or after it in time."""

from __future__ import annotations

import asyncio
import stat
from contextlib import AsyncExitStack

import pytest

from pipeline.history import database as databases
from pipeline.history import history as module
from pipeline.history import writer
from pipeline.history.backlog import Backlog
from pipeline.history.owed import Owed
from pipeline.history.reading import read_timeline
from pipeline.history.records import ConsentSaid, RecordingBegan, RecordingEnded, Withdrawn
from pipeline.history.writing import write
from tests.pipeline.history.conftest import locked, running, until
from tests.pipeline.history.in_process import InProcess
from tests.pipeline.history.samples import AT, began, clip, label, recording, turn
from tests.pipeline.history.test_deletion import SECRET, session, traces

ANALYSIS, RECORDING = (Withdrawn(session_id="call", what=what) for what in ("analysis", "recording"))


async def timeline(database, session_id="call"):
    async with database.reading() as connection:
        return await read_timeline(connection, session_id)


def said(at, analysis, recording):
    return ConsentSaid(session_id="call", at=AT + at, analysis=analysis, recording=recording, version="1-a")


async def test_labels_and_what_was_told_of_them_go_and_the_rest_stays(database):
    spoken = [turn("1", mood="mostly happy"), label(5, video_name="clip.webm"), clip()]
    await write(database, [began(), said(0, True, True), *spoken, *session("other")])
    other = await timeline(database, "other")
    await write(database, [said(6, False, True), ANALYSIS])
    kept = await timeline(database)
    assert (kept.labels, [(turn.text, turn.mood) for turn in kept.turns]) == ([], [("How do I look?", None)])
    assert [clip.name for clip in kept.clips] == ["clip.webm"]
    assert [(said.at - AT, said.analysis) for said in kept.consents] == [(0, True), (6, False)]
    assert await timeline(database, "other") == other


async def test_clips_and_their_spans_go_and_the_labels_stay_without_their_names(database):
    spans = [
        RecordingBegan(session_id="call", at=AT + 1),
        RecordingEnded(session_id="call", at=AT + 6),
    ]
    spoken = [said(0, True, True), *spans, label(5, video_name="clip.webm"), clip(), recording()]
    await write(database, [began(), *spoken])
    assert [file.name for file in (await timeline(database)).recording_files] == ["call.webm"]
    await write(database, [said(7, True, False), RECORDING])
    kept = await timeline(database)
    assert (kept.clips, kept.recordings, kept.recording_files) == ([], [], [])
    assert [(label.emotion, label.video_name) for label in kept.labels] == [("happy", None)]
    assert [said.recording for said in kept.consents] == [True, False]


@pytest.mark.parametrize("times", [1, 2])
async def test_in_one_batch_what_came_before_goes_and_what_came_after_stays(database, times):
    batch = [
        began(),
        label(1),
        turn("1", mood="before"),
        clip("one.webm", 1),
        ANALYSIS,
        RECORDING,
        label(9),
        turn("2", mood="after"),
        clip("two.webm", 9),
    ]
    for _ in range(times):  # the second time as after a crash between writing and answering
        await write(database, batch)
    kept = await timeline(database)
    assert [label.window_end for label in kept.labels] == [9]
    assert [turn.mood for turn in kept.turns] == [None, "after"]
    assert [clip.name for clip in kept.clips] == ["two.webm"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_no_byte_of_what_was_deleted_is_left_in_the_files(database):
    labels = [label(n, description=SECRET) for n in range(300)]
    await write(database, [began(), *labels, turn("1", mood=SECRET)])
    assert traces(database)
    await write(database, [ANALYSIS])
    assert not traces(database)


def test_a_withdrawal_is_never_given_up_and_makes_room():
    backlog = Backlog(most=2)
    for record in (turn("1"), turn("2")):
        backlog.add(record, awaited=True)
    assert backlog.add(ANALYSIS, awaited=False) is not None
    backlog = Backlog(most=3)
    for record in (label(1), label(2), label(3, session_id="other")):
        backlog.add(record, awaited=False)
    assert len(backlog.withdraw(ANALYSIS)) == 2
    backlog.add(ANALYSIS, awaited=False)
    assert list(backlog.batch(10, 10**6).values()) == [label(3, session_id="other"), ANALYSIS]


def test_a_withdrawal_said_over_and_over_waits_once():
    backlog = Backlog(most=3)
    for _ in range(100):
        backlog.withdraw(RECORDING)
        backlog.add(RECORDING, awaited=False)
    assert len(backlog) == 1 and backlog.dropped == 0


@pytest.fixture
def without_a_process(monkeypatch):
    monkeypatch.setattr(module, "Service", InProcess)
    monkeypatch.setattr(writer, "BACK_OFF", (0.01, 0.05))
    monkeypatch.setattr(databases, "BUSY_MS", 50)


async def test_out_of_reach_it_is_done_when_the_database_is_back_behind_what_was_put_before(
    without_a_process, url
):
    async with running(url) as history:
        await history.keep(began())
        await history.keep(label(1))
        async with locked(url):
            history.put(label(2))
            await until(lambda: not history.status.available)
            history.put(ANALYSIS)
            assert await history.written() is False
            history.put(label(9))
        await until(lambda: history.status.available and not history.status.waiting)
        pieces = b"".join(await history.timeline("call", "csv")).decode().splitlines()
        assert len(pieces) == 2 and ",9.0,happy" in pieces[1]
        assert await history.written() is True


async def test_a_server_that_is_stopped_before_the_database_is_back_still_owes_it(
    without_a_process, file_url, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "CLOSING", 0.1)
    owed = tmp_path / "withdrawals.jsonl"
    async with AsyncExitStack() as away:
        async with running(file_url, owed=owed) as history:
            await history.keep(began())
            await history.keep(label(1))
            await away.enter_async_context(locked(file_url))
            history.put(ANALYSIS)
            assert await history.written() is False
        assert stat.S_IMODE(owed.stat().st_mode) == 0o600
        async with running(file_url, owed=owed) as history:  # as one that is stopped again, and is killed
            assert history.status.waiting == 1
    async with running(file_url, owed=owed) as history:
        await until(lambda: not history.status.waiting)
        assert len(b"".join(await history.timeline("call", "csv")).splitlines()) == 1
    assert not owed.exists()


def test_what_is_damaged_of_what_is_owed_is_said_and_the_rest_is_done(tmp_path, caplog):
    path = tmp_path / "withdrawals.jsonl"
    Owed(path).keep([RECORDING])
    path.write_text('{"session_id"\n{"session_id": "call"}\n' + path.read_text())
    assert list(Owed(path).load()) == [RECORDING]
    assert caplog.text.count("cannot be read") == 2
    assert list(Owed(tmp_path / "none").load()) == []
    (tmp_path / "folder").mkdir()
    assert list(Owed(tmp_path / "folder").load()) == []


def test_a_withdrawal_outlives_a_deletion_that_fails():
    backlog = Backlog()
    for record in (label(1), ANALYSIS):
        backlog.add(record, awaited=False)
    backlog.forget("call")
    backlog.add(RECORDING, awaited=False)
    assert list(backlog.withdrawn) == [ANALYSIS, RECORDING] and len(backlog) == 2
    backlog.settle(backlog.batch(10, 10**6), 0)
    assert not backlog.withdrawn


async def test_a_clip_that_is_deleted_before_it_is_on_disk_is_not_said_to_be(without_a_process, file_url):
    async with running(file_url) as history:
        await history.keep(began())
        async with locked(file_url):
            keeping = asyncio.ensure_future(history.keep(clip()))
            await asyncio.sleep(0.01)
            history.put(RECORDING)
            assert await keeping is False
