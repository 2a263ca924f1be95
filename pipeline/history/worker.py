"""The history's process: writes records, deletes and answers questions (`pipeline.history.jobs`) over its pipes.

    python -m pipeline.history.worker

Ends when stdin does, after what it was told before is done. Whatever goes wrong is answered, and the process lives on.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator

from sqlalchemy.ext.asyncio import AsyncConnection

from models.pipes import Pipes
from pipeline.history.database import Database, DatabaseRefused, DatabaseTroubled
from pipeline.history.deletion import forget
from pipeline.history.export import export
from pipeline.history.interruption import end_interrupted
from pipeline.history.jobs import (
    Answered,
    AskClips,
    AskSession,
    AskSessions,
    AskTimeline,
    AskTurns,
    Configure,
    Delete,
    Export,
    Failed,
    Job,
    Long,
    Open,
    Piece,
    Question,
    Refused,
    Reply,
    Retained,
    Started,
    Write,
)
from pipeline.history.reading import (
    read_clips,
    read_labels,
    read_session,
    read_sessions,
    read_timeline,
    read_turns,
)
from pipeline.history.retention import Aged, Ages, age_out
from pipeline.history.spreadsheet import spreadsheet
from pipeline.history.trouble import DAMAGED, RAISED, UNREACHABLE, Trouble, said, trouble
from pipeline.history.values import text
from pipeline.history.writing import truncate_log, write

NICENESS = 5
"""Media is served first."""

MOST_QUESTIONS, MOST_EXPORTS = 4, 2
"""Questions and exports that are done at a time; others wait, so that the writing always finds a connection."""

PIECE, LONGEST = 128 * 1024, 64 * 1024 * 1024
"""Bytes of a long answer that are said at a time, and of all of it."""

RETAINED_EVERY = 60.0
"""Seconds between two looks for what is too old."""

STARTING = Trouble(code="history_starting", reason="the history is being opened")

logger = logging.getLogger("mien.history")


class Worker:
    """Does jobs with one database. What writes is done one after the other, in the order in which it came."""

    def __init__(
        self, database: Database, ages: Ages | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        """`clock` tells epoch seconds."""
        self._database = database
        self._ages = ages
        self._clock = clock
        self._in_turn = asyncio.Lock()
        self._questions = asyncio.Semaphore(MOST_QUESTIONS)
        self._exports = asyncio.Semaphore(MOST_EXPORTS)
        self._trouble = STARTING

    async def answer(self, job: Job) -> Reply:
        """Do one job. Whatever goes wrong becomes a `Failed` or a `Refused`."""
        try:
            return Answered(ask_id=job.ask_id, value=await self._do(job))
        except DatabaseRefused as error:
            return Refused(ask_id=job.ask_id, reason=str(error))
        except DatabaseTroubled as error:
            found = error.trouble
        except RAISED as error:
            found = self._troubled(job, error)
        if isinstance(job, Open | Write):
            self._trouble = found
            if found.code in (DAMAGED, UNREACHABLE):
                await self._database.close()  # the next attempt begins with new connections
        return Failed(ask_id=job.ask_id, code=found.code, reason=found.reason)

    async def _do(self, job: Job) -> object:
        match job:
            case Open():
                async with self._in_turn:
                    await self._open(job)
                    return None
            case Write():
                async with self._in_turn:
                    return await self._write(job)
            case Delete():
                async with self._in_turn:
                    self._required()
                    return await forget(self._database, job.session_id)
            case Export():
                async with self._exports:
                    return await self._export(job)
            case _:
                async with self._questions:
                    return await self._read(job)

    async def _open(self, job: Open) -> None:
        if await self._database.moved():
            await self._database.close()
        was_open = self._database.is_open
        await self._database.open()
        if job.interrupted and (ended := await end_interrupted(self._database)):
            logger.info("%d calls had no end and were given one", ended)
        if job.thorough:
            await self._database.try_write()
        elif was_open:
            async with self._database.reading() as connection:
                await read_session(connection, "")

    async def _write(self, job: Write) -> tuple[int, ...]:
        self._required()
        if await self._database.moved():
            raise DatabaseTroubled(said(UNREACHABLE, self._database.where, "the file was moved away"))
        refused = await write(self._database, job.batch)
        for index in refused:
            logger.error("a %s was not taken by the database and is lost", type(job.batch[index]).__name__)
        return tuple(refused)

    async def _read(self, job: Question) -> object:
        self._required()
        async with self._database.reading() as connection:
            match job:
                case AskTurns():
                    return await read_turns(connection, text(job.session_id))
                case AskSessions():
                    return (await read_sessions(connection, job.limit, job.before)).model_dump_json().encode()
                case AskSession():
                    session = await read_session(connection, text(job.session_id))
                    return None if session is None else session.model_dump_json().encode()
                case AskClips():
                    names = [text(name) for name in job.names]
                    return await read_clips(connection, [text(name) for name in job.sessions], names)
                case AskTimeline():
                    return await self._timeline(connection, job)

    async def _timeline(self, connection: AsyncConnection, job: AskTimeline) -> Long | None:
        session_id = text(job.session_id)
        if job.form == "json":
            timeline = await read_timeline(connection, session_id)
            if timeline is None:
                return None
            return _long((await asyncio.to_thread(timeline.model_dump_json)).encode())
        if await read_session(connection, session_id) is None:
            return None
        return _long(await asyncio.to_thread(spreadsheet, await read_labels(connection, session_id)))

    async def _export(self, job: Export) -> bool:
        self._required()
        async with self._database.reading() as connection:
            timeline = await read_timeline(connection, text(job.session_id))
        if timeline is None and not job.media:
            return False
        await asyncio.to_thread(export, job.session_id, timeline, job.media, job.into)
        return True

    async def retain(self) -> Aged:
        """Delete what is too old, a little at a time: what is said meanwhile is written in between. What cannot be
        deleted now is the next time."""
        aged = Aged()
        if self._ages is None:
            return aged
        now = self._clock()
        try:
            while self._database.is_open:
                async with self._in_turn:
                    some = await age_out(self._database, self._ages, now)
                if not some:
                    break
                aged += some
            if self._database.is_open and self._database.is_file:  # also what a reader held up the last time
                await truncate_log(self._database)
        except RAISED as error:
            logger.warning("what is too old could not be deleted: %s", type(error).__name__)
        return aged

    def _required(self) -> None:
        if not self._database.is_open:
            raise DatabaseTroubled(self._trouble)

    def _troubled(self, job: Job, error: BaseException) -> Trouble:
        if isinstance(job, Export) and isinstance(error, OSError):
            return Trouble(code="history_export_failed", reason=f"the export failed: {error.strerror}")
        found = trouble(error, self._database.where)
        if found is None:  # what was asked makes no sense to it, or we did not say it right
            logger.error("%s failed: %s", type(job).__name__, type(error).__name__)
            found = Trouble(
                code="history_failed", reason=f"the history could not do this: {type(error).__name__}"
            )
        return found


async def serve(pipes: Pipes) -> None:
    """Do what comes over the pipes until they end."""
    configuration = await pipes.read()
    if not isinstance(configuration, Configure):
        return
    database = Database(configuration.url)
    worker = Worker(database, configuration.ages)

    async def answer(job: Job) -> None:
        try:
            for message in _messages(await worker.answer(job)):
                await pipes.write(message)
        except OSError:
            logger.info("nobody reads the answers any more")

    try:
        await pipes.write(Started())
        async with asyncio.TaskGroup() as jobs:
            retaining = jobs.create_task(_retain(worker, pipes.write))
            while (job := await pipes.read()) is not None:
                if isinstance(job, Job):
                    jobs.create_task(answer(job))
            retaining.cancel()
    except OSError:
        logger.info("nobody reads the answers any more")
    finally:
        await database.close()


async def _retain(worker: Worker, say: Callable[[object], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(RETAINED_EVERY)
        if aged := await worker.retain():
            await say(Retained(aged=aged))


def _long(data: bytes) -> Long:
    return Long(tuple(data[start : start + PIECE] for start in range(0, len(data), PIECE)))


def _messages(reply: Reply) -> Iterator[Piece | Reply]:
    """What is said of an answer: all at once, or piece by piece where it is long."""
    if not isinstance(reply, Answered) or not isinstance(reply.value, Long):
        yield reply
        return
    if sum(map(len, reply.value.pieces)) > LONGEST:
        reason = "this session is too long to be shown in one piece; export it"
        yield Failed(ask_id=reply.ask_id, code="history_too_long", reason=reason)
        return
    for data in reply.value.pieces:
        yield Piece(ask_id=reply.ask_id, data=data)
    yield Answered(ask_id=reply.ask_id, value=Long(()))


async def _main() -> None:
    await serve(await Pipes.open())


def main() -> None:
    """Serve the server that started this process."""
    os.nice(NICENESS)
    os.umask(0o077)
    # A service manager tells all processes to end; this one ends with the server, which has something left to say.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    asyncio.run(_main())


if __name__ == "__main__":
    main()
