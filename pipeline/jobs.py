"""What waits for an engine: the newest clip of each session first, then windows of files, then pictures."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from models.base import EngineCode, Fault
from models.jobs import Analyze, Forget, Job, NextWindow, Reply, Thumbnail
from pipeline.waiting import NewestWins

MOST_FILE_WINDOWS = 16
"""Windows of files that wait; more are turned away."""

MOST_PICTURES = 64
"""Pictures that wait; the oldest are given up."""


class AnalysisError(Exception):
    """A clip was not looked at. `code` is stable: `superseded`, `too_slow`, `analysis_restarted`, `busy`,
    `engine_unavailable` or one of `models.jobs.Failed`; `cause` is what that says of the engine."""

    def __init__(self, code: str, message: str, cause: EngineCode = "failed") -> None:
        super().__init__(message)
        self.code = code
        self.cause: EngineCode = cause


@dataclass(frozen=True, slots=True)
class Pending:
    """A job and the future of its reply, for which somebody waits."""

    job: Job
    reply: asyncio.Future[Reply]

    def fail(self, code: str, message: str, cause: EngineCode = "failed") -> None:
        """End the waiting with an `AnalysisError`, unless it has ended."""
        if not self.reply.done():
            self.reply.set_exception(AnalysisError(code, message, cause))


class Jobs:
    """Holds jobs and gives them out one by one. Bounded: what there is no room for is failed."""

    def __init__(self) -> None:
        self._clips: NewestWins[Pending] = NewestWins()
        self._windows: deque[Pending] = deque()
        self._pictures: deque[Pending] = deque()
        self._forgotten: list[str] = []
        self._busy: set[str] = set()
        """Sessions of which a clip is being looked at; their next one waits for that."""
        self._news = asyncio.Event()

    def __len__(self) -> int:
        """Clips and windows of files that wait."""
        return len(self._clips) + len(self._windows)

    def add(self, job: Job) -> Pending:
        """Let a job wait. A clip takes the place of an older one of its session. Raises `AnalysisError`."""
        pending = Pending(job, asyncio.get_running_loop().create_future())
        match job:
            case Analyze():
                replaced = self._clips.put(job.question.session_id, pending)
                if replaced is not None:
                    replaced.fail("superseded", "a newer clip took its turn")
            case NextWindow():
                if job.first and len(self._windows) >= MOST_FILE_WINDOWS:
                    raise AnalysisError("busy", "too many files are being analysed; try again in a moment")
                self._windows.append(pending)
            case Thumbnail():
                if len(self._pictures) >= MOST_PICTURES:
                    self._pictures.popleft().fail("superseded", "newer pictures took its turn")
                self._pictures.append(pending)
        self._news.set()
        return pending

    def forget(self, session_id: str, *, tell: bool) -> None:
        """Nothing of a session waits any more. `tell` the engine to drop what it kept, if there is one."""
        pending = self._clips.discard(session_id)
        if pending is not None:
            pending.fail("superseded", "it is not wanted any more")
        if tell:
            self._forgotten.append(session_id)
            self._news.set()

    async def next(self) -> Pending | Forget:
        """Wait for what is next. Those whom nobody waits for any more are passed over."""
        while True:
            if self._forgotten:
                return Forget(session_id=self._forgotten.pop(0))
            pending = self._clips.pop(self._busy)
            for queue in (self._windows, self._pictures):
                pending = pending or (queue.popleft() if queue else None)
            if pending is None:
                self._news.clear()
                await self._news.wait()
            elif not pending.reply.done():
                if isinstance(pending.job, Analyze):
                    self._busy.add(pending.job.question.session_id)
                return pending

    def done(self, pending: Pending) -> None:
        """What was given out has come to its end: the next clip of its session may go."""
        if isinstance(pending.job, Analyze):
            self._busy.discard(pending.job.question.session_id)
            self._news.set()

    def fail(self, code: str, fault: Fault) -> None:
        """Fail all that waits, so that another engine is asked; there is nothing to forget either."""
        self._forgotten.clear()
        while pending := self._clips.pop():
            pending.fail(code, fault.reason, fault.code)
        for queue in (self._windows, self._pictures):
            while queue:
                queue.popleft().fail(code, fault.reason, fault.code)
