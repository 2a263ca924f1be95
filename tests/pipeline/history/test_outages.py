"""A database that is locked, damaged, moved or gone costs the history for as long, and no call."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import AsyncExitStack, suppress

import pytest
from sqlalchemy import text

from pipeline.history import database as databases
from pipeline.history import history as module
from pipeline.history import writer
from pipeline.history.database import Database
from pipeline.history.history import History, HistoryRefused, HistoryUnavailable
from tests.pipeline.history.conftest import locked, opened_and_closed, running, session, until
from tests.pipeline.history.in_process import InProcess
from tests.pipeline.history.samples import began, label, turn


@pytest.fixture(autouse=True)
def without_a_process(monkeypatch):
    monkeypatch.setattr(module, "Service", InProcess)
    monkeypatch.setattr(writer, "BACK_OFF", (0.01, 0.05))
    monkeypatch.setattr(databases, "BUSY_MS", 50)


async def test_a_locked_database_is_told_and_when_it_is_free_what_waits_is_written(url, monkeypatch):
    monkeypatch.setattr(module, "KEEP", 0.3)
    async with running(url) as history:
        await history.keep(began())
        async with locked(url):
            assert await history.keep(turn("waits")) is False
            history.put(label())
            assert (history.status.code, history.status.waiting) == ("history_locked", 2)
            assert "locked" in history.status.reason
        await until(lambda: history.status.available)
        assert history.status.waiting == history.status.dropped == 0
        assert [said.message_id for said in await history.turns("call")] == ["waits"]
        assert (await session(history))["labels"] == 1


@pytest.mark.slow
async def test_who_keeps_something_in_a_database_that_goes_on_failing_is_not_held_up(file_url):
    async with running(file_url) as history:
        await history.keep(began())
        async with locked(file_url):
            assert await history.keep(turn("first")) is False
            started = time.monotonic()
            assert await history.keep(turn("second")) is False
            assert time.monotonic() - started < 1
        await until(lambda: history.status.available)
        assert len(await history.turns("call")) == 2


async def test_a_database_that_is_locked_from_the_start_is_opened_later(url):
    await opened_and_closed(url)
    async with AsyncExitStack() as stack:
        async with locked(url):
            history = await stack.enter_async_context(running(url))
            assert history.status.code == "history_locked"
            history.put(began())
        await until(lambda: history.status.available)
        assert await session(history)


async def test_what_another_version_wrote_is_refused(url):
    await opened_and_closed(url)
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE meta SET value = '7'"))
    await database.close()
    with pytest.raises(HistoryRefused, match=r"newer version of Mien \(schema 7, this one knows 4\)"):
        async with running(url):
            pass


async def test_a_damaged_file_is_told_and_moved_away_makes_room_for_a_new_one(file_url):
    await opened_and_closed(file_url)
    path = Database(file_url)._path
    path.write_bytes(b"no database" * 1000)
    async with running(file_url) as history:
        assert history.status.code == "history_damaged" and str(path) in history.status.reason
        history.put(began())
        with pytest.raises(HistoryUnavailable, match="move it away") as unavailable:
            await history.turns("call")
        assert unavailable.value.code == "history_damaged"
        assert path.read_bytes() == b"no database" * 1000
        path.rename(path.with_suffix(".damaged"))
        await until(lambda: history.status.available)
        assert (await session(history))["kind"] == "call"


async def test_a_file_moved_away_while_it_is_used_is_begun_anew(file_url):
    async with running(file_url) as history:
        assert await history.keep(began())
        path = Database(file_url)._path
        path.rename(path.with_suffix(".old"))
        assert await history.keep(began("next"))
        assert await session(history) is None and await session(history, "next")


async def test_a_server_that_is_not_there_is_used_when_it_comes(postgres, monkeypatch):
    monkeypatch.setattr(module, "KEEP", 0.3)
    url = postgres.url()
    postgres.stop()
    try:
        async with running(url) as history:
            assert history.status.code == "history_unreachable"
            assert await history.keep(began()) is False
            await asyncio.to_thread(postgres.start)
            await until(lambda: history.status.available)
            assert await session(history)
    finally:
        postgres.stop()
        postgres.start()


async def test_a_server_that_is_lost_on_the_way_is_used_when_it_is_back(postgres, monkeypatch):
    monkeypatch.setattr(module, "KEEP", 0.5)
    async with running(postgres.url()) as history:
        assert await history.keep(began())
        postgres.stop()
        try:
            assert await history.keep(turn()) is False
            assert history.status.code == "history_unreachable"
        finally:
            await asyncio.to_thread(postgres.start)
        await until(lambda: history.status.available)
        assert [said.message_id for said in await history.turns("call")] == ["1"]


class Wire:
    """Between the history and a server; it can be cut off without a word."""

    def __init__(self, socket):
        self._socket = socket
        self._tasks, self._ends = [], []
        self.whole = asyncio.Event()
        self.whole.set()

    async def connect(self, reader, writer):
        far_reader, far_writer = await asyncio.open_unix_connection(self._socket)
        ends = [(reader, far_writer), (far_reader, writer)]
        self._tasks += [asyncio.ensure_future(self._carry(*end)) for end in ends]
        self._ends += [writer, far_writer]

    async def _carry(self, reader, writer):
        with suppress(OSError):
            while data := await reader.read(65536):
                await self.whole.wait()
                writer.write(data)
                await writer.drain()
        writer.close()

    async def close(self):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for end in self._ends:
            end.close()
        await asyncio.gather(*(end.wait_closed() for end in self._ends), return_exceptions=True)


@pytest.mark.slow
async def test_a_server_that_is_cut_off_without_a_word_is_used_when_it_is_back(postgres, monkeypatch):
    monkeypatch.setattr(databases, "ANSWER", 0.3)
    monkeypatch.setattr(writer, "SLOW", 60.0)  # it is the worker that notices
    monkeypatch.setattr(module, "KEEP", 0.5)
    postgres.url()
    wire = Wire(postgres.folder / ".s.PGSQL.5432")
    listener = await asyncio.start_server(wire.connect, "127.0.0.1")
    port = listener.sockets[0].getsockname()[1]
    async with (
        listener,
        running(f"postgresql+asyncpg://mien@127.0.0.1:{port}/postgres?ssl=disable") as history,
    ):
        assert await history.keep(began())
        await asyncio.gather(*(session(history) for _ in range(3)))  # by connections of their own
        wire.whole.clear()
        assert await history.keep(turn()) is False
        await until(lambda: history.status.code == "history_unreachable")
        wire.whole.set()
        await until(lambda: history.status.available)
        assert [said.message_id for said in await history.turns("call")] == ["1"]
    await wire.close()


SILENT = "import sys; from models.pipes import pack; from pipeline.history.jobs import Started\n"
SILENT += "sys.stdout.buffer.write(pack(Started())); sys.stdout.flush(); sys.stdin.buffer.read()"


async def test_a_database_that_does_not_answer_is_said_not_to(file_url, monkeypatch):
    from pipeline.service import Service

    monkeypatch.setattr(module, "Service", Service)
    monkeypatch.setattr(writer, "SLOW", 0.1)
    history = History(file_url, (sys.executable, "-c", SILENT))
    task = asyncio.create_task(history.run())
    await history.opened()
    assert history.status.code == "history_unreachable" and "not answered" in history.status.reason
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
