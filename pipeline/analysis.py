"""Analysis: the engines in the order in which they are asked, and who of them answers for a window."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from models.base import EmotionResult, EngineStatus, Fault, Language, Question
from models.catalog import EmbeddedConfig, EngineConfig
from pipeline.breaker import Breaker, Refused
from pipeline.clip import Clip
from pipeline.engine import COMMAND, EngineProcess
from pipeline.jobs import AnalysisError

INSTANT = "embedded"
"""The engine quick enough to answer before the others."""

AT_ONCE = 2.0
"""Seconds after which it is not waited for before a better one is asked."""

IDLE = 60.0
"""Seconds after which the process that answers for files is let go."""

NOT_THE_ENGINE = {"superseded", "clip_unreadable"}
"""Errors that say nothing about an engine, and that no other engine would mend."""

PERHAPS_THE_CLIP = {"engine_failed", "analysis_failed"}

SLOW = "too_slow"
"""With the ones before, the errors that breakers are for: what ends a process shows in its engine's state."""


class Analysis:
    """Answers with the first engine that can, and with the instant one before it. `run` must be running."""

    def __init__(
        self, chain: Sequence[EngineConfig], *, instant: bool = True, command: tuple[str, ...] = COMMAND
    ) -> None:
        self.chain = [EngineProcess(config, command) for config in chain]
        self._breakers = {engine.name: Breaker() for engine in self.chain}
        self._instant = next((engine for engine in self.chain if engine.name == INSTANT and instant), None)
        small = next((engine for engine in self.chain if engine.name == INSTANT), None)
        self._pictures = small or EngineProcess(None, command)
        quick = next((config for config in chain if isinstance(config, EmbeddedConfig)), None)
        self._files = EngineProcess(quick, command, at_once=False)
        self._reading = 0

    async def run(self) -> None:
        """Keep the engines loaded until cancelled."""
        processes = {self._pictures, self._files, *self.chain}
        async with asyncio.TaskGroup() as group:
            for process in processes:
                group.create_task(process.run(), name=process.name)

    @property
    def engines(self) -> tuple[EngineStatus, ...]:
        """How the engines are, in the order in which they are asked. One that is ready and has a reason has failed
        lately, and is asked again in a while."""
        return tuple(self._status(engine) for engine in self.chain)

    def _status(self, engine: EngineProcess) -> EngineStatus:
        failing = self._breakers[engine.name].failing if engine.ready else None
        if failing is None:
            return engine.status
        return replace(engine.status, code=failing.code, reason=failing.reason)

    @property
    def ready(self) -> bool:
        """Whether an engine can answer now."""
        return any(engine.ready for engine in self.chain)

    def ready_for(self, told: Collection[str]) -> bool:
        """Whether an engine can answer now for somebody who was told of these hosts."""
        return any(engine.ready for engine in self._allowed(told))

    @property
    def waiting(self) -> int:
        """Clips and windows of files that wait for their turn."""
        return sum(engine.waiting for engine in self.chain)

    def engine(self, name: str) -> EngineProcess | None:
        """The engine of that name; None when it is not in the chain."""
        return next((engine for engine in self.chain if engine.name == name), None)

    async def analyze(
        self, session_id: str, clip: Clip, language: Language = "en", told: Collection[str] = ()
    ) -> AsyncGenerator[EmotionResult, None]:
        """The expression likely seen in a clip: at once and provisionally, then as the chain has it. An engine that
        sends clips to a host that is not among the `told` is not asked, ready or not.

        Raises `AnalysisError` when no answer, or no further one, is to be had.
        """
        question = Question(session_id=session_id, language=language)
        chain = self._allowed(told)
        first = await self._at_once(chain, clip, question)
        if first is not None:
            yield first
        skipped: dict[str, Fault] = {}
        for engine in chain:
            if first is not None and engine is self._instant:
                yield _after(skipped, replace(first, provisional=False))
                return
            try:
                result = await self._asked(engine, clip, question)
            except AnalysisError as error:
                if error.code in NOT_THE_ENGINE:
                    raise
                skipped[engine.name] = Fault(error.cause, str(error))
                continue
            arousal = result.arousal if first is None or result.arousal is not None else first.arousal
            yield _after(skipped, replace(result, arousal=arousal))
            return
        raise AnalysisError("engine_unavailable", _told(skipped))

    def _allowed(self, told: Collection[str]) -> list[EngineProcess]:
        """Those that send clips to nobody else, or to somebody of whom the person was told."""
        return [
            engine
            for engine in self.chain
            if engine.status.sends_to is None or engine.status.sends_to in told
        ]

    async def _at_once(
        self, chain: Sequence[EngineProcess], clip: Clip, question: Question
    ) -> EmotionResult | None:
        """The instant engine's answer, where one that goes before it could still give a better one."""
        first_in_line = next((engine for engine in chain if engine.ready), None)
        if self._instant is None or first_in_line in (None, self._instant):
            return None
        try:
            async with asyncio.timeout(AT_ONCE):
                return replace(await self._asked(self._instant, clip, question), provisional=True)
        except TimeoutError:
            return None
        except AnalysisError as error:
            if error.code in NOT_THE_ENGINE:
                raise
            return None

    async def _asked(self, engine: EngineProcess, clip: Clip, question: Question) -> EmotionResult:
        """One engine's answer. Raises `AnalysisError`, also where it is not asked because it has failed lately."""
        _require(engine)
        breaker = self._breakers[engine.name]
        try:
            leave = breaker.enter(time.monotonic())
        except Refused as refusal:
            raise AnalysisError("engine_unavailable", str(refusal), refusal.fault.code) from None
        try:
            result = await engine.analyze(clip, question)
        except asyncio.CancelledError:
            breaker.undecided(leave, time.monotonic())
            raise
        except AnalysisError as error:
            if error.code == SLOW or error.code in PERHAPS_THE_CLIP:
                alone = error.code in PERHAPS_THE_CLIP
                breaker.failed(leave, Fault(error.cause, str(error)), time.monotonic(), clip_alone=alone)
            else:
                breaker.undecided(leave, time.monotonic())
            raise
        breaker.succeeded()
        return result

    async def analyze_file(
        self,
        path: Path,
        *,
        engine: str | None = None,
        prompt: str | None = None,
        language: Language = "en",
    ) -> list[EmotionResult]:
        """Answers for the windows of a file, all by the same engine: the one named, or the first that can.

        Raises `AnalysisError`.
        """
        asked = [each for each in self.chain if engine in (None, each.name)]
        skipped: dict[str, Fault] = {}
        for each in asked:
            question = Question(session_id=f"file {secrets.token_hex(6)}", language=language, prompt=prompt)
            try:
                async with (
                    self._reader(each) as reader,
                    aclosing(_windows(reader, path, question)) as windows,
                ):
                    results = [result async for result in windows]
            except AnalysisError as error:
                if error.code in NOT_THE_ENGINE or error.code == "busy":
                    raise
                skipped[each.name] = Fault(error.cause, str(error))
                continue
            return [_after(skipped, result) for result in results]
        raise AnalysisError("engine_unavailable", _told(skipped) or "there is no such engine in use")

    @asynccontextmanager
    async def _reader(self, engine: EngineProcess) -> AsyncGenerator[EngineProcess, None]:
        """The process in which an engine answers for files. The quick one has a second one for them, which lives no
        longer than it is needed: a file may take long to decode, and callers must not wait for it."""
        _require(engine)
        if engine.name != INSTANT:
            yield engine
            return
        self._reading += 1
        try:
            self._files.load()
            await self._files.settled()
            yield self._files
        finally:
            self._reading -= 1
            asyncio.get_running_loop().call_later(IDLE, self._let_go)

    def _let_go(self) -> None:
        if self._reading == 0:
            self._files.unload()

    async def thumbnail(self, path: Path) -> bytes:
        """A JPEG of the first frame of a clip on disk. Raises `AnalysisError`."""
        makers = (self._pictures, *self.chain)  # any process can, should the usual one be unloaded
        return await next((engine for engine in makers if engine.ready), self._pictures).thumbnail(path)

    def forget(self, session_id: str) -> None:
        """A session has ended or wants no analysis: nothing of it waits, and the engines drop what they kept."""
        for engine in self.chain:
            engine.forget(session_id)


def _after(skipped: Mapping[str, Fault], result: EmotionResult) -> EmotionResult:
    """A result with why those who go before did not answer."""
    codes = {name: fault.code for name, fault in skipped.items()}
    return replace(result, fallback_reason=_told(skipped) or None, fallback_codes=codes)


def _told(skipped: Mapping[str, Fault]) -> str:
    return "; ".join(f"{name}: {fault.reason}" for name, fault in skipped.items())


async def _windows(
    engine: EngineProcess, path: Path, question: Question
) -> AsyncGenerator[EmotionResult, None]:
    _require(engine)
    try:
        first = True
        while (result := await engine.window(path, question, first=first)) is not None:
            first = False
            yield result
    finally:
        engine.forget(question.session_id)


def _require(engine: EngineProcess) -> None:
    status = engine.status
    if status.state != "ready":
        reason = (status.reason or status.state) if status.set_up else "not set up"
        raise AnalysisError("engine_unavailable", reason, status.code or "loading")
