"""The audit log: who came in, took something away, allowed or deleted something, one JSON line each."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

log = logging.getLogger(__name__)

Event = Literal[
    "server_started",
    "server_stopped",
    "code_accepted",
    "code_refused",
    "consent_given",
    "consent_withdrawn",
    "export_made",
    "session_deleted",
    "clip_downloaded",
    "clip_deleted",
    "recording_downloaded",
    "recording_deleted",
    "retention",
    "engine_loaded",
    "engine_unloaded",
    "lines_lost",
]
Who = Literal["this machine", "operator", "caller"]

MOST_BYTES, FILES = 5_000_000, 3
"""Bytes after which a file is set aside, and files that there are: `audit.log`, `audit.log.1`, `audit.log.2`."""

MOST_WAITING = 1000
"""Lines that wait for the disk; more are lost, and their number is written when it is back."""

LONGEST = 200
"""Characters of a name or an address that somebody sent."""


class Audit:
    """Writes lines in the order in which they are put. `run` must be running for any to be.

    A line has `at` (ISO 8601, UTC), `event`, `who` and `address` where they are known, `session_id` or `file` where it
    is about one, `what` was allowed, loaded or made, and figures. It never has what people said, showed or seemed, nor
    a code or a token. A session's id stays here when the session is deleted, with the addresses that asked for it and
    the names of its clips and recordings, which are made of the id and a time; nothing else of it does.
    """

    def __init__(
        self, path: Path, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = time.time
    ) -> None:
        """`clock` tells epoch seconds."""
        self._path = path
        self._most_bytes = most_bytes
        self._clock = clock
        self._waiting: deque[str] = deque()
        self._lost = 0
        self._news = asyncio.Event()
        self._writing = threading.Lock()
        self._unwritable = False

    def put(
        self,
        event: Event,
        *,
        who: Who | None = None,
        address: str | None = None,
        session_id: str | None = None,
        file: str | None = None,
        what: str | None = None,
        **figures: int,
    ) -> None:
        """Let a line be written, soon."""
        if len(self._waiting) >= MOST_WAITING:
            self._lost += 1
            return
        said = {"who": who, "address": address, "session_id": session_id, "file": file, "what": what}
        known = {name: text[:LONGEST] for name, text in said.items() if text is not None}
        self._waiting.append(self._line(event, known | figures))
        self._news.set()

    async def run(self) -> None:
        """Write until cancelled, and then what still waits."""
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                await self._write()
        finally:
            await self._write()

    async def _write(self) -> None:
        lines, lost = list(self._waiting), self._lost
        if not lines:
            return
        self._waiting.clear()
        self._lost = 0
        if lost:
            lines.append(self._line("lines_lost", {"count": lost}))
        try:
            await asyncio.to_thread(self._append, lines)
        except OSError as error:
            self._lost += lost + len(lines) - bool(lost)
            if not self._unwritable:
                log.warning("the audit log cannot be written: %s", error.strerror or error)
            self._unwritable = True
        else:
            self._unwritable = False

    def _line(self, event: Event, rest: dict[str, str | int]) -> str:
        at = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds")
        line: dict[str, str | int] = {"at": at.replace("+00:00", "Z"), "event": event}
        return json.dumps(line | rest, ensure_ascii=True)

    def _append(self, lines: Sequence[str]) -> None:
        """In a thread. Raises `OSError`."""
        data = "".join(f"{line}\n" for line in lines).encode()
        with self._writing:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            file = os.open(self._path, flags, 0o600)
            try:
                if 0 < os.fstat(file).st_size > self._most_bytes - len(data):
                    self._set_aside()
                    os.close(file)
                    file = os.open(self._path, flags, 0o600)
                while data:
                    data = data[os.write(file, data) :]
            finally:
                os.close(file)

    def _set_aside(self) -> None:
        for number in range(FILES - 1, 0, -1):
            older = self._path if number == 1 else self._path.with_name(f"{self._path.name}.{number - 1}")
            if older.exists():
                older.replace(self._path.with_name(f"{self._path.name}.{number}"))
