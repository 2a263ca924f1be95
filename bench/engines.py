"""The engines: what a new second of a call costs the embedded one, what the chain adds, how many clips a process
sustains, and how fast Qwen scores on a GPU."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench.calls import percentile
from models.base import DecodedClip, Question
from models.catalog import EmbeddedConfig, LdduConfig, QwenConfig, RemoteConfig, create, not_set_up
from models.decode import decode_clip
from models.embedded.engine import EmbeddedEngine
from models.jobs import Analyze, Analyzed
from models.settings import EngineSettings
from models.worker import Worker
from pipeline.analysis import Analysis
from pipeline.clip import Clip
from tests.media import astronaut_frames, encode_clip, speech_wav

SECONDS, FRAME_RATE, WINDOW = 24, 15, 5
"""Of the clip that is played: a face at 640×480 with speech."""

WARM_UP = 3
ROUNDS = 300
SESSIONS = 8
BENCH = Question(session_id="bench")
FAKE_WORKER = (sys.executable, "-m", "tests.pipeline.fake_worker")
"""Answers at once, so that what is left is the way there and back."""


def main() -> None:
    """`python -m bench.engines`: measure and print."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    clips = _clips()
    _print("a look at a frame", _looks(clips))
    for looks_per_second in (1, 5):
        what = f"a new second of a call, {looks_per_second} look{'s' * (looks_per_second > 1)} a second"
        _print(what, _windows(clips, looks_per_second))
    asyncio.run(_chain(clips))
    asyncio.run(_sustained(clips))
    _qwen(clips)


def _print(what: str, times: list[float]) -> None:
    low, high = percentile(times, 0.5), percentile(times, 0.95)
    print(f"{what}: {low:.2f} ms p50, {high:.2f} ms p95 ({len(times)} measured, one core)", flush=True)


def _clips() -> list[Clip]:
    """Windows that end a second apart."""
    frames = astronaut_frames(SECONDS * FRAME_RATE)
    with TemporaryDirectory() as folder:
        wav = speech_wav(Path(folder) / "speech.wav")
        return [
            Clip(
                data=encode_clip(
                    frames[(end - WINDOW) * FRAME_RATE : end * FRAME_RATE], FRAME_RATE, "vp8", wav
                ),
                container="webm",
                start=float(end - WINDOW),
                end=float(end),
            )
            for end in range(WINDOW, SECONDS)
        ]


def _windows(clips: list[Clip], looks_per_second: int) -> list[float]:
    """Milliseconds for each clip, of which all but the newest second is known, decoding included."""
    worker = Worker(_engine(looks_per_second))
    times = []
    for at, clip in enumerate(clips):
        began = time.perf_counter()
        reply = worker.answer(
            Analyze(job_id=at, question=BENCH, data=clip.data, start=clip.start, end=clip.end)
        )
        times.append((time.perf_counter() - began) * 1e3)
        if not isinstance(reply, Analyzed) or reply.result is None or reply.result.emotion == "unknown":
            raise RuntimeError(f"the face was not read: {reply}")
    return times[WARM_UP:]


def _looks(clips: list[Clip]) -> list[float]:
    """Milliseconds for the newest frame alone, when nothing of it is known, without decoding and without sound."""
    engine, times = _engine(1), []
    for clip in clips:
        decoded = decode_clip(clip.data, start=clip.start, end=clip.end)
        silent: DecodedClip = replace(
            decoded, looks=decoded.looks[-1:], waveform=np.zeros(0, dtype=np.float32)
        )
        began = time.perf_counter()
        engine.analyze(silent, Question(session_id=f"look {clip.end}"), decode_ms=0.0)
        times.append((time.perf_counter() - began) * 1e3)
    return times[WARM_UP:]


def _engine(looks_per_second: int) -> EmbeddedEngine:
    engine = EmbeddedEngine(EmbeddedConfig(looks_per_second=looks_per_second))
    engine.load()
    return engine


def _qwen(clips: list[Clip]) -> None:
    """Tokens a second that go through Qwen-Omni on a GPU, from the looks and the sound to the scored classes and the
    description. Needs QWEN_MODEL_PATH and a GPU."""
    config = EngineSettings().engine("qwen")
    reason = not_set_up(config)
    if reason is None and (find_spec("torch") is None or not import_module("torch").cuda.is_available()):
        reason = "there is no GPU"
    if reason is not None:
        print(f"Qwen-Omni was not measured: {reason}", flush=True)
        return
    engine: Any = create(config)
    engine.load(lambda _: None)
    times, before = [], 0
    for at, clip in enumerate(clips):
        decoded = decode_clip(clip.data, start=clip.start, end=clip.end)
        before = engine.tokens if at == WARM_UP else before
        result = engine.analyze(decoded, BENCH, decode_ms=0.0)
        times.append(result.latency.total)
    measured = times[WARM_UP:]
    rate = (engine.tokens - before) / sum(measured) * 1e3
    low, high = percentile(measured, 0.5), percentile(measured, 0.95)
    print(f"Qwen-Omni: {rate:.0f} tokens a second, {low:.0f} ms p50, {high:.0f} ms p95 a window", flush=True)


async def _chain(clips: list[Clip]) -> None:
    """What choosing among four engines adds to asking one, turn by turn, with clips of real size."""
    chain = (LdduConfig(), QwenConfig(), RemoteConfig(), EmbeddedConfig())
    async with _running(Analysis(chain, command=FAKE_WORKER)) as analysis:
        engine = analysis.engine("embedded")
        assert engine is not None

        async def alone() -> None:
            await engine.analyze(clips[0], BENCH)

        async def chosen() -> None:
            async for _ in analysis.analyze("bench", clips[0]):
                pass

        pairs = [(await _timed(alone), await _timed(chosen)) for _ in range(ROUNDS)]
        added = [with_chain - without for without, with_chain in pairs[WARM_UP:]]
        _print(
            "one engine's process, there and back with a clip", [without for without, _ in pairs[WARM_UP:]]
        )
        print(f"the chain adds: {percentile(added, 0.5):.3f} ms p50", flush=True)


async def _timed(what: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await what()
    return (time.perf_counter() - began) * 1e3


async def _sustained(clips: list[Clip]) -> None:
    """Clips a second that one embedded process answers for, with sessions that each send their next at once."""
    async with _running(Analysis((EmbeddedConfig(),))) as analysis:
        began, answered = time.perf_counter(), 0

        async def session(name: str) -> int:
            for clip in clips:
                async for _ in analysis.analyze(name, clip):
                    pass
            return len(clips)

        answered = sum(await asyncio.gather(*(session(str(at)) for at in range(SESSIONS))))
        took = time.perf_counter() - began
        print(f"one process sustains {answered / took:.1f} clips a second ({SESSIONS} sessions)", flush=True)


@asynccontextmanager
async def _running(analysis: Analysis) -> AsyncIterator[Analysis]:
    task = asyncio.ensure_future(analysis.run())
    try:
        async with asyncio.timeout(30):
            while not analysis.ready:
                await asyncio.sleep(0.05)
        yield analysis
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


if __name__ == "__main__":
    main()
