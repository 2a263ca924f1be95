"""The transcoder: clips as MP4, made on demand by processes of its own, each once for all who ask, and kept a while."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.conversions import Conversions
from pipeline.transcode import UNREADABLE

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "pipeline.transcode")
MOST_WAITING = 16
"""Clips that wait for their turn; more are turned away."""

DEADLINE = 60.0
"""Seconds in which a clip must have been made."""

MOST_BYTES = 500 * 10**6
"""Bytes of MP4 that are kept; those asked for least lately leave first."""

SWEEP_INTERVAL = 5.0


class TranscodeError(Exception):
    """There is no MP4 of a clip. `code` is `busy`, `clip_unreadable`, `no_such_clip` or `transcode_failed`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True, kw_only=True, eq=False)
class _Job:
    source: Path
    deadline: float
    made: asyncio.Future[Path] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    process: Process | None = None
    waiting: int = 0

    def give_up(self) -> None:
        """Nobody wants it any more."""
        self.made.cancel()
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()


class Transcoder:
    """Owns the folder of MP4s. `run` must be running for any to be made. `sources` are the folders in which clips
    and recordings lie: what was made of one leaves soon after it."""

    def __init__(
        self,
        folder: Path,
        *sources: Path,
        command: tuple[str, ...] = COMMAND,
        at_once: int = max(1, (os.cpu_count() or 2) // 2),
        deadline: float = DEADLINE,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._conversions = Conversions(folder, sources, most_bytes)
        self._command = command
        self._at_once = at_once
        self._deadline = deadline
        self._jobs: dict[str, _Job] = {}
        self._queue: deque[_Job] = deque()
        self._news = asyncio.Event()
        self._running = False

    @property
    def waiting(self) -> int:
        """Clips that wait for their turn."""
        return len(self._queue)

    async def prepare(self) -> None:
        """Make the folder and clear away what an earlier run left half written. Raises `OSError`."""
        await asyncio.to_thread(self._conversions.prepare)

    async def run(self) -> None:
        """Make what is asked for until cancelled, which ends every process."""
        self._running = True
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._sweep())
                for _ in range(self._at_once):
                    group.create_task(self._work())
        finally:
            self._running = False
            for job in list(self._jobs.values()):
                job.give_up()

    async def mp4(self, source: Path, deadline: float | None = None) -> Path:
        """Where the MP4 of a clip lies, made now if it was not, within `deadline` seconds. Cancelled, the work for it
        ends unless others wait.

        Raises `TranscodeError`.
        """
        made = await asyncio.to_thread(self._conversions.find, source.name)
        if made is not None:
            return made
        job = self._jobs.get(source.name) or self._begin(source, deadline or self._deadline)
        job.waiting += 1
        try:
            return await asyncio.shield(job.made)
        except asyncio.CancelledError:
            if job.made.cancelled():
                raise TranscodeError("no_such_clip", "The clip has just been deleted.") from None
            raise
        finally:
            job.waiting -= 1
            if not job.waiting:
                self._drop(job)

    async def remove(self, names: Collection[str]) -> None:
        """Drop what was made, or is being made, of these clips. Raises `OSError`."""
        for name in names:
            if name in self._jobs:
                self._drop(self._jobs[name])
        await asyncio.to_thread(self._conversions.remove, names)

    def _begin(self, source: Path, deadline: float) -> _Job:
        if not self._running:
            raise TranscodeError("transcode_failed", "Clips are not converted at the moment.")
        if len(self._queue) >= MOST_WAITING:
            raise TranscodeError("busy", "Too many clips are being converted; try again in a moment.")
        job = self._jobs[source.name] = _Job(source=source, deadline=deadline)
        self._queue.append(job)
        self._news.set()
        return job

    def _drop(self, job: _Job) -> None:
        if self._jobs.get(job.source.name) is job:
            del self._jobs[job.source.name]
        if job in self._queue:
            self._queue.remove(job)
        if not job.made.done():
            job.give_up()

    async def _work(self) -> None:
        while True:
            while not self._queue:
                self._news.clear()
                await self._news.wait()
            job = self._queue.popleft()
            try:
                path = await self._make(job)
            except (TranscodeError, OSError) as error:
                if not isinstance(error, TranscodeError):
                    log.warning("%s cannot be converted: %s", job.source.name, error)
                    error = TranscodeError("transcode_failed", "The clip cannot be converted here.")
                if not job.made.done():
                    job.made.set_exception(error)
                    job.made.exception()  # seen, also where everybody has just gone
            else:
                if not job.made.done():
                    job.made.set_result(path)

    async def _make(self, job: _Job) -> Path:
        name = job.source.name
        try:
            status, said = await self._convert(job)
            if status == UNREADABLE:
                raise TranscodeError("clip_unreadable", f"The clip cannot be read: {said}.")
            if status:
                log.warning("%s cannot be converted: %s", name, said or f"status {status}")
                raise TranscodeError("transcode_failed", "The clip cannot be converted here.")
            kept = None if job.made.done() else await asyncio.to_thread(self._conversions.keep, name)
            if kept is None:
                raise TranscodeError("no_such_clip", "The clip has just been deleted.")
            return kept
        finally:
            await asyncio.shield(asyncio.to_thread(self._conversions.discard, name))

    async def _convert(self, job: _Job) -> tuple[int, str]:
        """Run the process. Returns its exit status and the last line that it wrote."""
        process = await asyncio.create_subprocess_exec(
            *self._command,
            str(job.source),
            str(self._conversions.part(job.source.name)),
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=PIPE,
            cwd=Path(__file__).parent.parent,
            start_new_session=True,
        )
        job.process = process
        try:
            if job.made.done():  # given up while it was started
                job.give_up()
            async with asyncio.timeout(job.deadline):
                _, errors = await process.communicate()
        except TimeoutError:
            raise TranscodeError("transcode_failed", "The clip took too long to be converted.") from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        lines = errors.decode(errors="replace").split("\n")
        return process.returncode or 0, next((line for line in reversed(lines) if line.strip()), "")[:200]

    async def _sweep(self) -> None:
        said = ""
        while True:
            try:
                await asyncio.to_thread(self._conversions.sweep)
                said = ""
            except OSError as error:
                if str(error) != said:
                    said = str(error)
                    log.warning("converted clips cannot be deleted: %s", said)
            await asyncio.sleep(SWEEP_INTERVAL)
