"""One analysis process as asyncio sees it: started, spoken to over its pipes, and ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
import struct
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import NoReturn

from models.jobs import Configure, Forget, Job, Reply

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "models.worker")

BROKEN = (OSError, EOFError, TimeoutError, pickle.UnpicklingError)
"""What speaking to a process raises when it has died or talks nonsense."""

_HEADER = struct.Struct(">I")
_MAX_REPLY = 64 * 1024 * 1024
_GRACE = 0.5
"""Seconds that a process is given to end by itself."""


class AnalysisProcess:
    """A running process. `end` must be called, also when something else has failed."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, command: tuple[str, ...] = COMMAND) -> AnalysisProcess:
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

    async def write(self, message: Configure | Job | Forget) -> None:
        """Raises `OSError`."""
        assert self._process.stdin is not None
        body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
        self._process.stdin.writelines((_HEADER.pack(len(body)), body))
        await self._process.stdin.drain()

    async def read(self) -> Reply:
        """The next reply. Raises one of `BROKEN`."""
        assert self._process.stdout is not None
        try:
            (length,) = _HEADER.unpack(await self._process.stdout.readexactly(_HEADER.size))
            if length > _MAX_REPLY:
                raise EOFError(f"a reply of {length} bytes")
            reply: Reply = pickle.loads(await self._process.stdout.readexactly(length))
        except asyncio.IncompleteReadError:
            async with asyncio.timeout(_GRACE):
                await self.ends()
        return reply

    async def end(self) -> None:
        """Let the process go: it ends by itself when its input does, and is killed where it does not."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(_GRACE):
                await self._process.wait()
        except TimeoutError:
            log.info("analysis process %s is killed", self.pid)
        finally:  # also when cancelled here
            if self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
                await self._process.wait()
