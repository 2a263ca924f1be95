"""A process that is kept alive: started, told what it needs to know, listened to, and started again when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

from models.pipes import Beat
from pipeline.process import BROKEN, GRACE, ChildProcess

log = logging.getLogger(__name__)

BACK_OFF = (0.2, 1.0, 5.0, 15.0)
"""Seconds before a process is started again, by how many in a row ended soon."""

LASTED = 30.0
"""Seconds after which a process that ends has not ended soon."""

BEAT, SILENCE = 5.0, 30.0
"""Seconds between the questions whether a process lives, and those without a word of it after which it is replaced."""


class ServiceDown(Exception):
    """There is no process to speak to at the moment. The message says why."""


class Service:
    """Owns one process. `run` must be running for anything to be said to it; it ends the process when cancelled.

    `configure` gives what each process is told first; `heard` is called with each message of it, and `lost` with the
    reason when it has ended, which is the end of all that was asked of it.
    """

    def __init__(
        self,
        name: str,
        command: tuple[str, ...],
        configure: Callable[[], object],
        heard: Callable[[object], None],
        lost: Callable[[str], None],
        grace: float = GRACE,
    ) -> None:
        self.name = name
        self._command = command
        self._configure = configure
        self._heard = heard
        self._lost = lost
        self._grace = grace
        self._process: ChildProcess | None = None
        self._why = "it has not been started"
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """Of the running process."""
        return None if self._process is None else self._process.pid

    async def run(self) -> None:
        """Keep the process alive until cancelled."""
        failures = 0
        while True:
            began = time.monotonic()
            self._why = await self._run_process()
            self._lost(self._why)
            failures = 0 if time.monotonic() - began > LASTED else failures + 1
            log.warning("%s: its process is started again: %s", self.name, self._why)
            await asyncio.sleep(BACK_OFF[min(failures, len(BACK_OFF)) - 1] if failures else BACK_OFF[0])
            self.restarts += 1

    async def send(self, message: object) -> None:
        """Say something to the process. Raises `ServiceDown`."""
        process = self._process
        if process is None:
            raise ServiceDown(self._why)
        try:
            await process.write(message)
        except OSError as error:
            raise ServiceDown(str(error) or type(error).__name__) from error

    async def _run_process(self) -> str:
        """Start a process and listen to it until it ends. Returns why it did."""
        try:
            process = await ChildProcess.start(self._command)
        except OSError as error:
            return f"it cannot be started: {error}"
        beating = asyncio.create_task(_beat(process), name=f"{self.name}: beat")
        silence = asyncio.timeout(SILENCE)
        try:
            await process.write(self._configure())
            self._process = process
            async with silence:
                while True:
                    message = await process.read()
                    silence.reschedule(asyncio.get_running_loop().time() + SILENCE)
                    if not isinstance(message, Beat):
                        self._heard(message)
        except BROKEN as error:
            if silence.expired():
                return f"it has not said a word for {SILENCE:.0f} s"
            return str(error) or type(error).__name__
        finally:
            self._process = None
            beating.cancel()
            await process.end(self._grace)
            await asyncio.wait([beating])


async def _beat(process: ChildProcess) -> None:
    """Ask a process again and again whether it lives, until cancelled or until it ends."""
    with contextlib.suppress(OSError):
        while True:
            await asyncio.sleep(BEAT)
            await process.write(Beat())
