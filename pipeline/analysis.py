"""Analysis: owns the process in which clips are looked at, and hands each caller the answer for its window."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
import struct
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from models.base import EmotionResult, EngineStatus
from models.jobs import Analyze, Analyzed, Failed, Forget, Job, Pictured, Ready, Reply, Thumbnail
from pipeline.clip import Clip
from pipeline.waiting import NewestWins

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "models.worker")
DEADLINE = 10.0
"""Seconds after which a job is given up and its process replaced."""

BACK_OFF = (0.2, 1.0, 5.0, 15.0)
"""Seconds before the process is started again: after one that got ready, and after ever more that did not."""

LOADING = (EngineStatus(name="embedded", state="loading"),)

_START_DEADLINE = 120.0
_REPLACED = "the analysis process ended and is being started again; the log says why"
_HEADER = struct.Struct(">I")
_MAX_REPLY = 64 * 1024 * 1024


class AnalysisError(Exception):
    """A clip was not looked at. `code` is stable: `superseded`, `analysis_restarted` or one of `Failed`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class _Pending:
    job: Analyze | Thumbnail
    answer: asyncio.Future[EmotionResult | bytes]


class Analysis:
    """Keeps one analysis process alive and busy. One job runs at a time; one clip waits for each session.

    `run` must be running for anything to be answered; it ends the process when it is cancelled.
    """

    def __init__(self, command: tuple[str, ...] = COMMAND, deadline: float = DEADLINE) -> None:
        self._command = command
        self._deadline = deadline
        self._waiting: NewestWins[_Pending] = NewestWins()
        self._pictures: deque[_Pending] = deque(maxlen=64)
        self._wake = asyncio.Event()
        self._to_forget: list[str] = []
        self._next_id = 0
        self.engines: tuple[EngineStatus, ...] = LOADING
        self.restarts = 0
        self.pid: int | None = None

    @property
    def ready(self) -> bool:
        """Whether an engine can answer now."""
        return any(engine.state == "ready" for engine in self.engines)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def analyze(self, session_id: str, clip: Clip) -> EmotionResult:
        """The expression likely seen in a clip. Raises `AnalysisError`, also when a newer clip takes its turn."""
        self._next_id += 1
        job = Analyze(
            job_id=self._next_id, session_id=session_id, data=clip.data, start=clip.start, end=clip.end
        )
        pending = _pend(job)
        replaced = self._waiting.put(session_id, pending)
        if replaced is not None:
            _fail(replaced, AnalysisError("superseded", "a newer clip took its turn"))
        self._wake.set()
        result = await pending.answer
        assert isinstance(result, EmotionResult)
        return result

    async def thumbnail(self, clip: Clip) -> bytes:
        """A JPEG of the clip's first frame. Windows go first. Raises `AnalysisError`."""
        self._next_id += 1
        pending = _pend(Thumbnail(job_id=self._next_id, data=clip.data))
        if len(self._pictures) == self._pictures.maxlen:
            _fail(self._pictures.popleft(), AnalysisError("superseded", "newer pictures took its turn"))
        self._pictures.append(pending)
        self._wake.set()
        jpeg = await pending.answer
        assert isinstance(jpeg, bytes)
        return jpeg

    def forget(self, session_id: str) -> None:
        """A session has ended or wants no analysis: nothing of it waits, and the engine drops what it kept."""
        pending = self._waiting.discard(session_id)
        if pending is not None:
            _fail(pending, AnalysisError("superseded", "it is not wanted any more"))
        self._to_forget.append(session_id)
        self._wake.set()

    async def run(self) -> None:
        """Keep the process alive until cancelled."""
        failures = 0
        while True:
            got_ready = await self._run_process()
            self.restarts += 1
            failures = 0 if got_ready else min(failures + 1, len(BACK_OFF) - 1)
            await asyncio.sleep(BACK_OFF[failures])

    async def _run_process(self) -> bool:
        """Start a process and feed it until it ends. Returns whether it got ready."""
        self.engines = LOADING
        try:
            process = await self._spawn()
        except OSError as error:
            log.error("the analysis process cannot be started: %s", error)
            self.engines = (EngineStatus(name="embedded", state="unavailable", reason=_REPLACED),)
            return False
        self.pid = process.pid
        got_ready = False
        try:
            async with asyncio.timeout(_START_DEADLINE):
                self.engines = await self._read_ready(process)
            got_ready = True
            await self._feed_until_it_ends(process)
        except (OSError, EOFError, TimeoutError, pickle.UnpicklingError) as error:
            log.warning("analysis process %s is replaced: %s", process.pid, error or type(error).__name__)
            self.engines = (EngineStatus(name="embedded", state="unavailable", reason=_REPLACED),)
        finally:
            self.pid = None
            await _end(process)
        return got_ready

    async def _spawn(self) -> Process:
        # A session of its own: Ctrl-C in a terminal is for us, and we end the process by closing its input.
        return await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, cwd=Path(__file__).parent.parent, start_new_session=True
        )

    async def _read_ready(self, process: Process) -> tuple[EngineStatus, ...]:
        started = time.monotonic()
        reply = await _read(process)
        if not isinstance(reply, Ready):
            raise EOFError(f"expected Ready, got {type(reply).__name__}")
        log.info("analysis process %s ready after %.1f s", process.pid, time.monotonic() - started)
        return reply.engines

    async def _feed_until_it_ends(self, process: Process) -> None:
        # Not a task group: before Python 3.13 one that fails as it is cancelled forgets that it was cancelled.
        tasks = [asyncio.ensure_future(self._feed(process)), asyncio.ensure_future(_ends(process))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    async def _feed(self, process: Process) -> None:
        while True:
            pending = await self._next(process)
            try:
                await self._do(process, pending)
            finally:
                _fail(pending, AnalysisError("analysis_restarted", "the analysis process was replaced"))

    async def _next(self, process: Process) -> _Pending:
        while True:
            while self._to_forget:
                await _write(process, Forget(session_id=self._to_forget.pop()))
            pending = self._waiting.pop() or (self._pictures.popleft() if self._pictures else None)
            if pending is None:
                self._wake.clear()
                await self._wake.wait()
            elif not pending.answer.done():
                return pending

    async def _do(self, process: Process, pending: _Pending) -> None:
        async with asyncio.timeout(self._deadline):
            await _write(process, pending.job)
            reply = await _read(process)
        if pending.answer.done():
            return  # whoever asked has gone
        match reply:
            case Analyzed():
                pending.answer.set_result(reply.result)
            case Pictured():
                pending.answer.set_result(reply.jpeg)
            case Failed():
                _fail(pending, AnalysisError(reply.code, reply.message))
            case Ready():
                raise EOFError("Ready in the place of an answer")


def _pend(job: Analyze | Thumbnail) -> _Pending:
    return _Pending(job, asyncio.get_running_loop().create_future())


def _fail(pending: _Pending, error: AnalysisError) -> None:
    if not pending.answer.done():
        pending.answer.set_exception(error)


async def _ends(process: Process) -> None:
    raise EOFError(f"it ended with status {await process.wait()}")


async def _write(process: Process, job: Job) -> None:
    assert process.stdin is not None
    body = pickle.dumps(job, protocol=pickle.HIGHEST_PROTOCOL)
    process.stdin.write(_HEADER.pack(len(body)))
    process.stdin.write(body)
    await process.stdin.drain()


async def _read(process: Process) -> Reply:
    assert process.stdout is not None
    (length,) = _HEADER.unpack(await process.stdout.readexactly(_HEADER.size))
    if length > _MAX_REPLY:
        raise EOFError(f"a reply of {length} bytes")
    reply: Reply = pickle.loads(await process.stdout.readexactly(length))
    return reply


async def _end(process: Process) -> None:
    """Let the process go: it ends by itself when its input does, and is killed where it does not."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(0.5):
            await process.wait()
    except TimeoutError:
        log.info("analysis process %s is killed", process.pid)
    finally:  # also when cancelled here
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
