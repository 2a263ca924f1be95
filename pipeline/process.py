"""Another process of ours as asyncio sees it: started, spoken to over its pipes, and ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import NoReturn, Self

from models.pipes import pack, read_from

log = logging.getLogger(__name__)

BROKEN = (OSError, EOFError, TimeoutError, pickle.UnpicklingError)
"""What speaking to a process raises when it has died or talks nonsense."""

GRACE = 0.5
"""Seconds that a process is given to end by itself."""


class ChildProcess:
    """A running process. `end` must be called, also when something else has failed."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, command: tuple[str, ...]) -> Self:
        """Raises `OSError`."""
        # A session of its own: Ctrl-C in a terminal is for us, and we end the process by closing its input.
        return cls(
            await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, cwd=Path(__file__).parent.parent, start_new_session=True
            )
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ends(self) -> NoReturn:
        """Wait for the end of the process, which is an error: raises `EOFError`."""
        raise EOFError(f"it ended with status {await self._process.wait()}")

    async def write(self, message: object) -> None:
        """Raises `OSError`."""
        assert self._process.stdin is not None
        self._process.stdin.write(pack(message))
        await self._process.stdin.drain()

    async def read(self) -> object:
        """The next message. Raises one of `BROKEN`."""
        assert self._process.stdout is not None
        try:
            return await read_from(self._process.stdout)
        except asyncio.IncompleteReadError:
            async with asyncio.timeout(GRACE):
                await self.ends()

    async def end(self, grace: float = GRACE) -> None:
        """Let the process go: it ends by itself when its input does, and is killed where it does not within `grace`
        seconds."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(grace):
                await self._process.wait()
        except TimeoutError:
            log.info("process %s is killed", self.pid)
        finally:  # also when cancelled here
            if self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
                await self._process.wait()
