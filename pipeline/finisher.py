"""The finisher: recordings that have ended are made seekable, one after the other, by processes of their own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable
from pathlib import Path

from pipeline.recordings import Recordings

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "pipeline.finish")

LEAST_TIME = 60.0
"""Seconds in which a recording must have been finished, however small it is."""

SLOWEST_DISK = 4 * 10**6
"""Bytes a second at which it must be."""

Told = Callable[[int], None]
"""Is told the bytes of a recording that has got its name."""


class Finisher:
    """One is finished at a time, in the order in which they ended. `run` must be running for any to be.

    Where it fails a recording stays as it was written, which plays too. What is still to be done when `run` is
    cancelled keeps `.part` in its name, and is done after the next start.
    """

    def __init__(self, recordings: Recordings, command: tuple[str, ...] = COMMAND) -> None:
        self._recordings = recordings
        self._command = command
        self._queue: asyncio.Queue[tuple[str, Told | None]] = asyncio.Queue()

    @property
    def waiting(self) -> int:
        """Recordings that wait for their turn."""
        return self._queue.qsize()

    def put(self, name: str, told: Told | None = None) -> None:
        """Let a recording be finished, soon. `told` is not called where it is deleted meanwhile."""
        self._queue.put_nowait((name, told))

    async def run(self) -> None:
        """Finish what is put until cancelled."""
        while True:
            name, told = await self._queue.get()
            try:
                size = await self._finish(name)
            except OSError as error:
                log.error("recording %s stays unfinished: %s", name, error)
                continue
            if size is not None and told is not None:
                told(size)

    async def _finish(self, name: str) -> int | None:
        made = await asyncio.to_thread(self._recordings.may_finish, name) and await self._remux(name)
        return await asyncio.to_thread(self._recordings.keep, name, made=made)

    async def _remux(self, name: str) -> bool:
        part = self._recordings.part(name)
        try:
            size = (await asyncio.to_thread(part.stat)).st_size
        except FileNotFoundError:
            return False
        process = await asyncio.create_subprocess_exec(
            *self._command,
            str(part),
            str(self._recordings.new(name)),
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=PIPE,
            cwd=Path(__file__).parent.parent,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(LEAST_TIME + size / SLOWEST_DISK):
                _, errors = await process.communicate()
        except TimeoutError:
            log.warning("recording %s cannot be made seekable: it took too long", name)
            return False
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode:
            said = errors.decode(errors="replace").strip().rpartition("\n")[2][:200]
            log.warning("recording %s cannot be made seekable: %s", name, said or process.returncode)
        return process.returncode == 0
