"""Records become rows on disk, as the server sees it: tried until it succeeds, with what waits and what is wrong."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from pipeline.history.backlog import Backlog
from pipeline.history.errors import HistoryRefused, HistoryUnavailable
from pipeline.history.jobs import Job, Open, Write
from pipeline.history.owed import Owed
from pipeline.history.questions import UNREACHABLE, Questions
from pipeline.history.records import Record, Withdrawn
from pipeline.history.status import HistoryStatus

log = logging.getLogger(__name__)

STARTING, REFUSED = "history_starting", "history_refused"

LINGER = 0.25
"""Seconds that records wait for others to be written with, where nobody waits for them."""

BATCH, BATCH_CHARACTERS = 200, 2_000_000
"""Records, and about their characters, that are written at a time: packed in a moment, as the loop must not wait."""

IDLE = 30.0
"""Seconds without a record after which it is looked whether the database still answers."""

SLOW = 3.0
"""Seconds after which a database that has not answered is said not to."""

BACK_OFF = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds before the database is tried again, by how often in a row it failed."""

HOPE = 0.25
"""Seconds that a record is waited for where the database has failed more than once in a row: a chat goes on."""

SAID_EVERY = 60.0
"""Seconds between two lines in the log about what is dropped."""


class Writer:
    """Owns what waits to be written. `run` must be running for anything to be; `started` says that there is a process
    to ask, `lost` that it is gone."""

    def __init__(self, questions: Questions, owed: Owed) -> None:
        self._questions = questions
        self._owed = owed
        self._backlog = Backlog()
        for record in owed.load():
            self._backlog.add(record, awaited=False)
        self._kept: dict[int, asyncio.Future[bool]] = {}
        self._flushed: dict[asyncio.Future[None], int] = {}
        self._started, self._some, self._urgent = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._trouble: tuple[str, str] | None = (STARTING, "the history is being opened")
        self._was_open = self._closed = False
        self._failures = 0
        self._said_dropped, self._said_at = 0, -SAID_EVERY
        self.known = asyncio.Event()
        self.refused: str | None = None

    @property
    def status(self) -> HistoryStatus:
        code, reason = self._trouble or (None, None)
        return HistoryStatus(
            available=code is None,
            code=code,
            reason=reason,
            waiting=len(self._backlog),
            dropped=self._backlog.dropped,
        )

    # --- what is to be written -------------------------------------------------------------------------------

    def put(self, record: Record) -> None:
        """Let a record be written, soon."""
        self._add(record, awaited=False)

    async def keep(self, record: Record, patience: float) -> bool:
        """Let a record be written and wait until it is on disk."""
        number = self._add(record, awaited=True)
        if number is None:
            return False
        kept = self._kept[number] = asyncio.get_running_loop().create_future()
        if self._failures > 1:
            patience = min(patience, HOPE)
        try:
            async with asyncio.timeout(patience):
                return bool(await kept)
        except TimeoutError:
            return False
        finally:
            del self._kept[number]

    def forget(self, session_id: str) -> int:
        """Drop what waits of a session, and what comes of it later. Returns how many waited."""
        waited = self._backlog.forget(session_id)
        for number in waited:
            self._tell(number, kept=False)
        self._note()
        return len(waited)

    def forgotten(self, session_id: str) -> None:
        """A session is forgotten, and is written only once it begins anew."""
        self._backlog.forgotten(session_id)

    def allow(self, session_id: str) -> None:
        """There was nothing to forget of a session: what comes of it is written."""
        self._backlog.allow(session_id)

    async def flush(self, patience: float) -> bool:
        """Wait until what waits now is written, or until that is in trouble, unless the server stops. Returns whether
        it is."""
        last = self._backlog.last
        if not self._backlog or (self._trouble is not None and not self._closed):
            return self._backlog.first > last
        flushed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._flushed[flushed] = last
        self._note()
        try:
            async with asyncio.timeout(patience):
                await flushed
        except TimeoutError:
            pass
        finally:
            del self._flushed[flushed]
        return self._backlog.first > last

    async def close(self, patience: float) -> None:
        """Take nothing more, and have what waits written."""
        self._closed = True
        if self.refused is None:
            await self.flush(patience)

    # --- the process -----------------------------------------------------------------------------------------

    def started(self) -> None:
        """There is a process to ask."""
        self._started.set()
        self._note()

    def lost(self, why: str) -> None:
        """There is none any more."""
        self._started.clear()
        self._stumble(UNREACHABLE, f"the history's process is started again: {why}")
        self._note()

    async def run(self) -> None:
        """Open the database and write what waits, over and over, until cancelled."""
        while True:
            try:
                await self._started.wait()
                await self._open()
                while await self._due():
                    await self._write()
            except HistoryUnavailable as error:
                self._stumble(error.code, str(error))
            except HistoryRefused as error:
                self.refused = str(error)
                self._stumble(REFUSED, str(error))
            await asyncio.sleep(BACK_OFF[min(self._failures, len(BACK_OFF)) - 1])

    async def _open(self) -> None:
        interrupted, thorough = not self._was_open, self._trouble is not None
        await self._ask(lambda number: Open(ask_id=number, interrupted=interrupted, thorough=thorough))
        self._was_open = True
        if not self._backlog:  # else it is writing that tells
            self._recover()

    async def _due(self) -> bool:
        """Wait until there is something to write and no reason to wait for more, or nothing for long. False when the
        process has gone."""
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE):
                await self._some.wait()
        if self._backlog and self._trouble is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER):
                    await self._urgent.wait()
        return self._started.is_set()

    async def _write(self) -> None:
        batch = self._backlog.batch(BATCH, BATCH_CHARACTERS)
        if not batch:
            await self._open()
            return
        records = tuple(batch.values())
        answer = await self._ask(lambda number: Write(ask_id=number, batch=records))
        refused = set(cast(tuple[int, ...], answer))
        self._backlog.settle(batch, len(refused))
        for index, number in enumerate(batch):
            self._tell(number, kept=index not in refused)
        self._recover()
        self._note()

    async def _ask(self, make: Callable[[int], Job]) -> object:
        """Wait as long as the process lives: asked again, it would do the same, later."""
        slow = f"the history has not answered for {SLOW:g} s"
        late = asyncio.get_running_loop().call_later(SLOW, self._stumble, UNREACHABLE, slow)
        try:
            return await self._questions.ask(make, None)
        finally:
            late.cancel()

    # --- what changes ----------------------------------------------------------------------------------------

    def _add(self, record: Record, *, awaited: bool) -> int | None:
        if self._closed:
            return None
        if isinstance(record, Withdrawn):
            for undone in self._backlog.withdraw(record):
                self._tell(undone, kept=False)
        number = self._backlog.add(record, awaited=awaited)
        self._note()
        return number

    def _tell(self, number: int, *, kept: bool) -> None:
        waiting = self._kept.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_result(kept)

    def _note(self) -> None:
        """The backlog has changed, or who waits for it, or whether there is a process."""
        self._owed.keep(self._backlog.withdrawn)
        for flushed, last in self._flushed.items():
            if self._backlog.first > last and not flushed.done():
                flushed.set_result(None)
        waited_for = self._backlog.awaited or any(not flushed.done() for flushed in self._flushed)
        _set(self._some, bool(self._backlog) or not self._started.is_set())
        _set(self._urgent, waited_for or len(self._backlog) >= BATCH)
        dropped, now = self._backlog.dropped, time.monotonic()
        if dropped > self._said_dropped and now - self._said_at >= SAID_EVERY:
            log.warning("history: %d records given up so far", dropped)
            self._said_dropped, self._said_at = dropped, now

    def _stumble(self, code: str, reason: str) -> None:
        if self._trouble is None or self._trouble[0] != code:
            log.warning("history: %s: %s", code, reason)
        self._trouble = (code, reason)
        self._failures += 1
        self.known.set()
        for flushed in self._flushed:
            if not self._closed and not flushed.done():
                flushed.set_result(None)

    def _recover(self) -> None:
        if self._failures:
            log.info("history: what happens is kept again")
        self._trouble = self.refused = None
        self._failures = 0
        self.known.set()


def _set(event: asyncio.Event, to: bool) -> None:
    if to:
        event.set()
    else:
        event.clear()
