"""One engine: owns the analysis process it is loaded in, and hands each caller the answer for its window."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from models.base import EmotionResult, EngineStatus, Fault, Question
from models.catalog import EngineConfig, name_of, not_set_up, sends_to
from models.jobs import (
    Analyze,
    Analyzed,
    Configure,
    Failed,
    Forget,
    Job,
    Loaded,
    Loading,
    NextWindow,
    Pictured,
    Reply,
    Thumbnail,
)
from pipeline.clip import Clip
from pipeline.jobs import AnalysisError, Jobs, Pending
from pipeline.process import BROKEN, ChildProcess

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "models.worker")

BACK_OFF = (0.2, 1.0, 5.0, 15.0, 60.0)
"""Seconds before a process is started again, by how many in a row ended without having answered."""

RETRY = 3
"""The place in `BACK_OFF` at which an engine begins that cannot load, or failed in one of the ways in `ENDS`."""

LOAD_DEADLINE = 900.0
"""Seconds in which an engine must have loaded: tens of gigabytes may come from a slow disk."""

PATIENCE = 45.0
"""Seconds after its deadline that a job is waited for, before its process is taken to hang and is replaced."""

FILE_DEADLINE = 120.0
"""Seconds for a window of a file, of which all frames may have to be decoded for one look."""

ENDS: Mapping[str, Fault] = {
    "out_of_memory": Fault(
        "out_of_memory", "it ran out of memory and was unloaded; it is tried again in a while"
    ),
    "gpu_failed": Fault("gpu_failed", "its GPU failed and it was unloaded; it is tried again in a while"),
}
"""Failures that a process does not recover from, and why it was ended."""

UNAVAILABLE: Final = "engine_unavailable"
TOO_SLOW: Final = "too_slow"

STOPPING = Fault("stopping", "the server is stopping")
UNLOADED = Fault("unloaded", "unloaded: it is loaded again when it is asked to")


class _Ends(Exception):
    """The process is to be ended, for this fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


class _Unloaded(Exception):
    """The process is to be ended because somebody asked for that."""


class EngineProcess:
    """Keeps one engine loaded and busy. One clip waits for each session; the newest takes its turn.

    `run` must be running for anything to be answered; it ends the process when it is cancelled. Without a config
    there is no engine, and only thumbnails are made. It is loaded `at_once`, or when it is asked to.
    """

    def __init__(
        self,
        config: EngineConfig | None,
        command: tuple[str, ...] = COMMAND,
        patience: float = PATIENCE,
        *,
        at_once: bool = True,
    ) -> None:
        self.name: str = "pictures" if config is None else name_of(config)
        self._config = config
        self._command = command
        self._patience = patience
        missing = None if config is None else not_set_up(config)
        self._missing = None if missing is None else Fault("not_set_up", missing)
        self._sends_to = None if config is None else sends_to(config)
        self._jobs = Jobs()
        self._in_flight: dict[int, asyncio.Future[Reply]] = {}
        self._asked = asyncio.Event()
        self._unloading = asyncio.Event()
        self._loaded = Loaded(status=EngineStatus(name=self.name, state="loading"))
        self._wanted = self._missing is None and at_once
        self._next_id = 0
        self._answered = False
        self._stopped = False
        self.restarts = 0
        self.answered = 0
        self.pid: int | None = None
        self._settled = asyncio.Event()
        self._said: Fault | None = None
        self.status = self._state("loading")
        if not self._wanted:
            self._set(self._state("unavailable", self._missing or UNLOADED))

    # --- what is asked of it ---------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether it can answer now."""
        return self.status.state == "ready"

    @property
    def waiting(self) -> int:
        """Clips and windows that wait for their turn."""
        return len(self._jobs)

    async def analyze(self, clip: Clip, question: Question) -> EmotionResult:
        """The expression likely seen in a clip. Raises `AnalysisError`, also when a newer clip takes its turn."""
        reply = await self._answer(
            Analyze(job_id=self._id(), question=question, data=clip.data, start=clip.start, end=clip.end)
        )
        assert isinstance(reply, Analyzed) and reply.result is not None
        self.answered += 1
        return reply.result

    async def window(self, path: Path, question: Question, *, first: bool) -> EmotionResult | None:
        """The answer for the first window of a file or for the next one, None at its end; `forget` must follow.

        Live clips go first. Raises `AnalysisError`.
        """
        reply = await self._answer(NextWindow(job_id=self._id(), question=question, path=path, first=first))
        assert isinstance(reply, Analyzed)
        return reply.result

    async def thumbnail(self, path: Path) -> bytes:
        """A JPEG of the first frame of a clip on disk. Everything else goes first. Raises `AnalysisError`."""
        reply = await self._answer(Thumbnail(job_id=self._id(), path=path))
        assert isinstance(reply, Pictured)
        return reply.jpeg

    def forget(self, session_id: str) -> None:
        """A session has ended or wants no analysis: nothing of it waits, and the engine drops what it kept."""
        self._jobs.forget(session_id, tell=self.pid is not None)

    def load(self) -> None:
        """Load the engine if it is not loaded, now. `status` tells how that goes."""
        if self._missing is None and not self.ready and not self._stopped:
            self._wanted, self._said = True, None
            self._set(self._state("loading", progress=self.status.progress))
            self._asked.set()

    async def settled(self) -> None:
        """Wait until it is not loading."""
        await self._settled.wait()

    def unload(self) -> None:
        """End the process, which gives all its memory back."""
        if self._missing is None and self._wanted:
            self._wanted, self._said = False, None
            self._set(self._state("unavailable", UNLOADED))
            self._jobs.fail(UNAVAILABLE, UNLOADED)
            self._unloading.set()
            self._asked.set()

    # --- the process, over and over --------------------------------------------------------------------------

    async def run(self) -> None:
        """Keep the process alive, where it is wanted, until cancelled."""
        try:
            await self._run()
        finally:
            self._stopped, self._wanted = True, False
            self._set(self._state("unavailable", STOPPING))
            self._jobs.fail(UNAVAILABLE, STOPPING)

    async def _run(self) -> None:
        failures = 0
        while True:
            while not self._wanted:
                await self._asked.wait()
                self._asked.clear()
            self._asked.clear()
            begin_at = await self._run_process()
            if begin_at is None:
                failures = 0
                continue
            self.restarts += 1
            failures = 0 if self._answered else failures + 1
            failures = min(max(failures, begin_at), len(BACK_OFF) - 1)
            with suppress(TimeoutError):
                async with asyncio.timeout(BACK_OFF[failures]):
                    await self._asked.wait()

    async def _run_process(self) -> int | None:
        """Start a process and feed it until it ends. Returns the place in `BACK_OFF` to begin at, None for one that
        was unloaded."""
        if self._said is None:  # one that could not load goes on saying why until it can
            self._set(self._state("loading"))
        self._answered = False
        self._unloading.clear()
        try:
            process = await ChildProcess.start(self._command)
        except OSError as error:
            return self._ended(Fault("crashed", f"its process cannot be started: {error}"), 0)
        self.pid = process.pid
        try:
            async with asyncio.timeout(LOAD_DEADLINE):
                await self._either(self._load(process), self._unwanted())
            if self._unloading.is_set():
                return None
            if not self.ready:
                return RETRY
            await self._either(
                *(self._work(process) for _ in range(self._loaded.parallel)),
                self._listen(process),
                self._unwanted(),
                process.ends(),
            )
        except _Unloaded:
            return None
        except _Ends as why:
            return self._ended(why.fault, RETRY)
        except BROKEN as error:
            log.warning("engine %s: process %s is replaced: %s", self.name, process.pid, _words(error))
            return self._ended(Fault("crashed", f"its process is started again ({_words(error)})"), 0)
        finally:
            self._in_flight.clear()
            try:
                await process.end()
            finally:
                self.pid = None
        return 0

    def _ended(self, fault: Fault, begin_at: int) -> int:
        if self._wanted:
            self._set(self._state("unavailable", fault))
            self._jobs.fail(UNAVAILABLE, fault)
        return begin_at

    async def _load(self, process: ChildProcess) -> None:
        began = time.monotonic()
        await process.write(Configure(config=self._config))
        while not isinstance(reply := await process.read(), Loaded):
            if not isinstance(reply, Loading):
                raise EOFError(f"{type(reply).__name__} in the place of Loaded")
            if self._wanted:
                self._set(self._state("loading", progress=reply.progress))
        self._loaded = reply
        if not self._wanted:
            return  # it was unloaded just now
        fault = Fault(reply.status.code or "load_failed", reply.status.reason or "it is unavailable")
        self._set(self._state(reply.status.state, None if reply.status.state == "ready" else fault))
        took = time.monotonic() - began
        if self.ready:
            self._said = None
            log.info("engine %s is ready in process %s after %.1f s", self.name, process.pid, took)
            return
        if fault != self._said:
            log.warning("engine %s is unavailable: %s", self.name, fault.reason)
        self._said = fault
        self._jobs.fail(UNAVAILABLE, fault)

    async def _unwanted(self) -> None:
        await self._unloading.wait()
        raise _Unloaded

    async def _either(self, *parts: Coroutine[Any, Any, None]) -> None:
        """Run all until the first ends, whose error counts."""
        # Not a task group: before Python 3.13 one that fails as it is cancelled forgets that it was cancelled.
        tasks = [asyncio.ensure_future(part) for part in parts]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    # --- jobs ------------------------------------------------------------------------------------------------

    async def _work(self, process: ChildProcess) -> None:
        while True:
            job = await self._jobs.next()
            deadline = self._loaded.deadline
            if isinstance(job, Pending) and isinstance(job.job, NextWindow):
                deadline = max(deadline, FILE_DEADLINE)
            async with asyncio.timeout(deadline + self._patience):
                if isinstance(job, Forget):
                    await process.write(job)
                else:
                    await self._do(process, job, deadline)

    async def _do(self, process: ChildProcess, pending: Pending, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        replied: asyncio.Future[Reply] = loop.create_future()
        self._in_flight[pending.job.job_id] = replied
        late = loop.call_later(deadline, self._too_slow, pending, deadline)
        try:
            await process.write(pending.job)
            self._settle(pending, await replied)
        finally:
            late.cancel()
            self._in_flight.pop(pending.job.job_id, None)
            self._jobs.done(pending)
            if self._wanted:
                pending.fail("analysis_restarted", "the analysis process was replaced", "crashed")
            else:
                pending.fail(UNAVAILABLE, UNLOADED.reason, UNLOADED.code)

    def _too_slow(self, pending: Pending, deadline: float) -> None:
        """Neither who asked for this nor who waits behind it waits any longer; the engine may still come to its end."""
        slow = Fault(TOO_SLOW, f"it did not answer within {deadline:g} s")
        pending.fail(TOO_SLOW, slow.reason, slow.code)
        self._jobs.fail(TOO_SLOW, slow)

    def _settle(self, pending: Pending, reply: Reply) -> None:
        self._answered = self._answered or not isinstance(reply, Failed)
        if not isinstance(reply, Failed):
            if not pending.reply.done():
                pending.reply.set_result(reply)
            return
        pending.fail(reply.code, reply.message, reply.cause)
        if reply.code in ENDS:
            raise _Ends(ENDS[reply.code])

    async def _listen(self, process: ChildProcess) -> None:
        while True:
            reply = await process.read()
            if not isinstance(reply, Analyzed | Pictured | Failed):
                raise EOFError(f"{type(reply).__name__} in the place of an answer")
            replied = self._in_flight.get(reply.job_id)
            if replied is not None and not replied.done():
                replied.set_result(reply)

    async def _answer(self, job: Job) -> Reply:
        if not self._wanted:
            why = self.status
            raise AnalysisError(UNAVAILABLE, why.reason or "it is not loaded", why.code or "unloaded")
        return await self._jobs.add(job).reply

    def _id(self) -> int:
        self._next_id += 1
        return self._next_id

    def _set(self, status: EngineStatus) -> None:
        self.status = status
        if status.state == "loading":
            self._settled.clear()
        else:
            self._settled.set()

    def _state(self, state: Any, fault: Fault | None = None, progress: float | None = None) -> EngineStatus:
        return EngineStatus(
            name=self.name,
            state=state,
            code=fault.code if fault else None,
            reason=fault.reason if fault else None,
            progress=progress,
            set_up=self._missing is None,
            sends_to=self._sends_to,
        )


def _words(error: BaseException) -> str:
    return "it did not answer" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
