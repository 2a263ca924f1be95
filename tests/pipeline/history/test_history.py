"""The history as the server sees it. Most of this without a process, which `test_worker` has."""

from __future__ import annotations

import asyncio
import json
import time
import zipfile
from contextlib import suppress

import pytest
from sqlalchemy import text

from pipeline.history import database as databases
from pipeline.history import history as module
from pipeline.history import writer
from pipeline.history.database import Database
from pipeline.history.history import HistoryUnavailable
from pipeline.history.interruption import REASON
from pipeline.history.records import RecordingBegan, SessionEnded, TurnsCleared
from tests.pipeline.history.conftest import locked, opened_and_closed, running, session, until
from tests.pipeline.history.in_process import InProcess
from tests.pipeline.history.samples import AT, began, clip, label, turn


@pytest.fixture(autouse=True)
def without_a_process(monkeypatch):
    monkeypatch.setattr(module, "Service", InProcess)
    monkeypatch.setattr(writer, "BACK_OFF", (0.01, 0.05))
    monkeypatch.setattr(databases, "BUSY_MS", 50)


async def test_what_is_kept_is_on_disk(url):
    async with running(url) as history:
        assert history.status.available
        assert await history.keep(turn())
        other = Database(url)
        await other.open()
        async with other.reading() as connection:
            assert (await connection.execute(text("SELECT text FROM turns"))).scalars().all() == [turn().text]
        await other.close()


async def test_what_is_put_is_on_disk_within_half_a_second(file_url):
    async with running(file_url) as history:
        history.put(label())
        began_at = time.monotonic()
        await until(lambda: history.status.waiting == 0)
        assert time.monotonic() - began_at < 0.5 + 1.0  # a second for slow machines


async def test_what_comes_while_something_is_written_is_written_at_once_after(file_url):
    async with running(file_url) as history:
        assert all(await asyncio.gather(*(history.keep(turn(str(n))) for n in range(100))))
        assert len(InProcess.latest.written) <= 3
        assert [said.message_id for said in await history.turns("call")] == [str(n) for n in range(100)]


async def test_what_was_put_just_before_a_question_is_in_its_answer(url):
    async with running(url) as history:
        for record in (began(), label(), turn(), clip(), turn("2")):
            history.put(record)
        assert len(await history.turns("call")) == 2
        history.put(TurnsCleared(session_id="call"))
        assert (await session(history))["turns"] == 0
        history.put(turn("3"))
        timeline = json.loads(b"".join(await history.timeline("call", "json")))
        assert [said["message_id"] for said in timeline["turns"]] == ["3"]
        assert b"".join(await history.timeline("call", "csv")).count(b"\r\n") == 2
        assert [s["session_id"] for s in json.loads(await history.sessions(limit=5))["sessions"]] == ["call"]


async def test_of_what_is_not_known_there_is_nothing(file_url, tmp_path):
    async with running(file_url) as history:
        assert await history.turns("nobody") == ()
        assert await history.session("no\x00body\ud800") is None
        assert await history.timeline("nobody", "json") is None
        assert await history.timeline("nobody", "csv") is None
        assert await history.export("nobody", [], tmp_path / "nobody.zip") is False
        assert await history.delete("nobody") is False
        with pytest.raises(ValueError, match="before"):
            await history.sessions(limit=5, before="nonsense")


async def test_a_worker_that_dies_after_its_work_and_before_its_word_doubles_nothing(url):
    async with running(url) as history:
        await history.keep(began())
        InProcess.latest.deaf = True
        kept = [asyncio.ensure_future(history.keep(record)) for record in (turn(), label(), clip())]
        await until(lambda: len(InProcess.latest.written) == 2)
        await InProcess.latest.die()
        assert not history.status.available
        with pytest.raises(HistoryUnavailable):
            await history.turns("call")
        InProcess.latest.revive()
        assert await asyncio.gather(*kept) == [True, True, True]
        found = await session(history)
        assert (found["turns"], found["labels"], found["clips"]) == (1, 1, 1)


async def test_a_record_that_the_database_does_not_take_is_given_up_alone(url, caplog):
    async with running(url) as history:
        said = [clip("huge.webm", size=2**70), turn(text="secret"), clip("good.webm")]
        assert await asyncio.gather(*map(history.keep, said)) == [False, True, True]
        assert history.status.available and history.status.dropped == 1
    assert "ClipKept" in caplog.text and "huge" not in caplog.text and "secret" not in caplog.text


async def test_a_deleted_session_is_gone_and_does_not_come_back(url):
    async with running(url) as history:
        await history.keep(began())
        history.put(turn())
        assert await history.delete("call") is True
        history.put(label())
        assert await history.keep(turn("late")) is False
        assert await history.keep(began("other"))
        assert await session(history) is None
        assert await history.delete("call") is False


async def test_a_deleted_session_may_begin_anew(url):
    async with running(url) as history:
        await history.keep(turn("before"))
        assert await history.delete("call") is True
        history.put(began())
        assert await history.keep(turn("after"))
        assert [said.message_id for said in await history.turns("call")] == ["after"]


async def test_what_waits_of_a_deleted_session_is_never_written(url, monkeypatch):
    monkeypatch.setattr(writer, "LINGER", 60.0)
    async with running(url) as history:
        history.put(began())
        history.put(turn())
        assert await history.delete("call") is True
        assert history.status.waiting == 0
        assert await session(history) is None


async def test_a_session_of_which_there_was_nothing_to_delete_may_come(file_url):
    async with running(file_url) as history:
        assert await history.delete("call") is False
        assert await history.keep(began())


async def test_an_export_is_written_whole(url, tmp_path):
    (tmp_path / "a.webm").write_bytes(b"media")
    async with running(url) as history:
        history.put(turn())
        assert await history.export("call", [tmp_path / "a.webm"], tmp_path / "call.zip") is True
        with pytest.raises(HistoryUnavailable) as failed:
            await history.export("call", [], tmp_path / "no/such/folder.zip")
        assert failed.value.code == "history_export_failed" and history.status.available
    with zipfile.ZipFile(tmp_path / "call.zip") as zipped:
        assert zipped.read("media/a.webm") == b"media" and b"How do I look?" in zipped.read("chat.md")


async def test_what_was_put_before_the_end_is_written(url, monkeypatch):
    monkeypatch.setattr(writer, "LINGER", 60.0)
    async with running(url) as history:
        for number in range(500):
            history.put(turn(str(number)))
        late = history
    assert late.status.waiting == 0
    late.put(turn("late"))
    assert await late.keep(turn("late")) is False
    async with running(url) as history:
        assert (await session(history))["turns"] == 500


async def test_the_end_does_not_wait_for_a_database_that_stays_locked(file_url, monkeypatch):
    monkeypatch.setattr(module, "CLOSING", 0.2)
    await opened_and_closed(file_url)
    async with locked(file_url):
        began_at = time.monotonic()
        async with running(file_url) as history:
            history.put(turn())
        assert time.monotonic() - began_at < 5


async def test_calls_that_a_server_left_open_are_ended_by_the_next_but_not_by_the_next_worker(url):
    async with running(url) as history:
        await history.keep(began())
        history.put(RecordingBegan(session_id="call", at=AT + 1))
        await history.keep(label(7))
        await InProcess.latest.die()
        InProcess.latest.revive()
        await until(lambda: history.status.available)
        assert (await session(history))["ended_at"] is None
    async with running(url) as history:
        found = await session(history)
        assert (found["ended_at"], found["end_reason"]) == (AT + 7, REASON)
        await history.keep(SessionEnded(session_id="call", at=AT + 9, reason="later"))
        assert (await session(history))["end_reason"] == "later"


async def test_labels_are_given_up_and_counted_where_too_many_wait(file_url, monkeypatch, caplog):
    await opened_and_closed(file_url)
    async with locked(file_url), running(file_url) as history:
        kept = asyncio.ensure_future(history.keep(turn()))
        await asyncio.sleep(0)
        for second in range(10_200):
            history.put(label(second))
        assert (history.status.waiting, history.status.dropped) == (10_000, 201)
        kept.cancel()
        with suppress(asyncio.CancelledError):
            await kept
        monkeypatch.setattr(module, "CLOSING", 0.0)
    assert caplog.text.count("given up so far") == 1
