"""The history as the server sees it: what to keep goes in, what is kept comes out, and no call waits for either."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, cast

from pipeline.history.cursor import place
from pipeline.history.errors import HistoryRefused, HistoryUnavailable
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
    Piece,
    Refused,
    Retained,
    Started,
)
from pipeline.history.owed import Owed
from pipeline.history.questions import Questions
from pipeline.history.records import Record, TurnSaid
from pipeline.history.retention import Aged, Ages
from pipeline.history.status import HistoryStatus
from pipeline.history.views import ClipKnown
from pipeline.history.writer import REFUSED, Writer
from pipeline.service import Service

__all__ = ["History", "HistoryRefused", "HistoryStatus", "HistoryUnavailable"]

COMMAND = (sys.executable, "-m", "pipeline.history.worker")

KEEP = 2.0
"""Seconds that `keep` waits."""

OPENING, CLOSING = 10.0, 3.0
"""Seconds that `opened` waits at most, and that what waits is given to be written when the server stops."""

GRACE = 5.0
"""Seconds in which the process must have ended by itself."""

GLANCING, READING, DELETING, EXPORTING = 3.0, 20.0, 20.0, 600.0
"""Seconds in which an answer must have come."""


class History:
    """Keeps records in order. `run` must be running for anything to be kept."""

    def __init__(
        self,
        url: str,
        command: tuple[str, ...] = COMMAND,
        *,
        ages: Ages | None = None,
        aged: Callable[[Aged], None] = lambda aged: None,
        owed: Path | None = None,
    ) -> None:
        """`url` is SQLAlchemy's: `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`; see `address.database_url`.
        `ages` are for how long things are kept, for ever where there are none, and `aged` is told what left. In the
        file `owed` withdrawals outlive a server that is stopped before the database has followed them."""
        self._aged = aged
        self._service = Service(
            "history", command, lambda: Configure(url=url, ages=ages), self._heard, self._lost, GRACE
        )
        self._questions = Questions(self._service.send)
        self._writer = Writer(self._questions, Owed(owed))

    @property
    def status(self) -> HistoryStatus:
        return self._writer.status

    @property
    def pid(self) -> int | None:
        """Of the process that writes."""
        return self._service.pid

    async def run(self) -> None:
        """Write what is put, until cancelled; what was put before that is written first, for a few seconds at most."""
        tasks = [asyncio.ensure_future(self._service.run()), asyncio.ensure_future(self._writer.run())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)  # one that ends has failed
        finally:
            try:
                await self._writer.close(0.0 if any(task.done() for task in tasks) else CLOSING)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        for task in tasks:
            if not task.cancelled():
                task.result()

    async def opened(self) -> None:
        """Wait until it is known whether the database can be used, ten seconds at most. Raises `HistoryRefused`; a
        database that only cannot be reached, is locked or damaged raises nothing, and `status` says so."""
        with suppress(TimeoutError):
            async with asyncio.timeout(OPENING):
                await self._writer.known.wait()
        if self._writer.refused is not None:
            raise HistoryRefused(self._writer.refused)

    def put(self, record: Record) -> None:
        """Keep a record, soon. It is dropped, and counted, when too much waits."""
        self._writer.put(record)

    async def keep(self, record: Record) -> bool:
        """Keep a record and wait until it is on disk, two seconds at most, and hardly where the database goes on
        failing. False when it could not be written by then, though it may still be later, and for a session that was
        deleted."""
        return await self._writer.keep(record, KEEP)

    async def written(self) -> bool:
        """Wait until what was put so far is on disk, two seconds at most. False where it is not by then."""
        return await self._writer.flush(KEEP)

    async def turns(self, session_id: str) -> Sequence[TurnSaid]:
        """The newest of a session's chat, oldest first, 400 at most; empty for one that is not known. Raises
        `HistoryUnavailable`."""
        answer = await self._read(lambda number: AskTurns(ask_id=number, session_id=session_id))
        return cast(tuple[TurnSaid, ...], answer)

    async def sessions(self, *, limit: int, before: str | None = None) -> bytes:
        """JSON of `views.Sessions`: the newest, or those that began before `before`. Raises `HistoryUnavailable`, and
        `ValueError` for a `before` that was not given out by this server."""
        if before is not None:
            place(before)
        answer = await self._read(lambda number: AskSessions(ask_id=number, limit=limit, before=before))
        return cast(bytes, answer)

    async def session(self, session_id: str) -> bytes | None:
        """JSON of `views.Session`; None for one that is not known. Raises `HistoryUnavailable`."""
        answer = await self._read(lambda number: AskSession(ask_id=number, session_id=session_id))
        return cast(bytes | None, answer)

    async def clips(self, names: Mapping[str, str]) -> Mapping[str, ClipKnown]:
        """What is known of clips, by name; `names` gives the session of each. Those that are not known are left out.
        Raises `HistoryUnavailable`, after three seconds where nothing answers."""
        sessions, asked = tuple(sorted(set(names.values()))), tuple(names)
        answer = await self._ask(
            lambda number: AskClips(ask_id=number, sessions=sessions, names=asked), GLANCING
        )
        return cast(dict[str, ClipKnown], answer)

    async def timeline(self, session_id: str, form: Literal["json", "csv"]) -> Sequence[bytes] | None:
        """All labels, turns, clips, recordings and consents of a session in order of time, as JSON of
        `views.Timeline`, or its labels as CSV, in pieces, since putting hours together would hold up the loop; None for
        a session that is not known. Raises `HistoryUnavailable`."""
        answer = await self._read(lambda number: AskTimeline(ask_id=number, session_id=session_id, form=form))
        return cast(tuple[bytes, ...] | None, answer)

    async def export(self, session_id: str, media: Sequence[Path], into: Path) -> bool:
        """Write everything about a session into the zip `into`, with the files `media` and a manifest of hashes; all
        paths are absolute. False for a session of which nothing is known and that has no media. Raises
        `HistoryUnavailable`. It goes on where it is cancelled: `into` may still appear."""
        files = tuple(media)
        answer = await self._read(
            lambda number: Export(ask_id=number, session_id=session_id, media=files, into=into), EXPORTING
        )
        return bool(answer)

    async def delete(self, session_id: str) -> bool:
        """Delete all that is kept of a session, also what waits to be written, so that nothing of it is left in the
        database's files. False where there was nothing. Raises `HistoryUnavailable`.

        What is put of the session later is dropped, also where the database failed: it is better to ask again. Only
        when it is deleted, a `SessionBegan` begins it anew.
        """
        waited = self._writer.forget(session_id)
        known = await self._ask(lambda number: Delete(ask_id=number, session_id=session_id), DELETING)
        if not known and not waited:
            self._writer.allow(session_id)
        self._writer.forgotten(session_id)
        return bool(known or waited)

    async def _read(self, make: Callable[[int], Job], patience: float = READING) -> object:
        """Ask, after what was put before is written, where it can be: so it is in the answer."""
        await self._writer.flush(KEEP)
        return await self._ask(make, patience)

    async def _ask(self, make: Callable[[int], Job], patience: float) -> object:
        try:
            return await self._questions.ask(make, patience)
        except HistoryRefused as error:
            raise HistoryUnavailable(REFUSED, str(error)) from error

    def _heard(self, message: object) -> None:
        if isinstance(message, Started):
            self._writer.started()
        elif isinstance(message, Piece | Answered | Failed | Refused):
            self._questions.heard(message)
        elif isinstance(message, Retained):
            self._aged(message.aged)

    def _lost(self, why: str) -> None:
        self._writer.lost(why)
        self._questions.lost(why)
