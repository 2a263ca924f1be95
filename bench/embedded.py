"""The embedded engine: what a look at a frame, and a new second of a call, cost on one core."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.calls import percentile
from models.base import Question
from models.decode import decode_clip
from models.embedded import EmbeddedEngine
from models.jobs import Analyze, Analyzed
from models.worker import Worker
from tests.media import astronaut_frames, encode_clip, speech_wav

SECONDS, FRAME_RATE, WINDOW = 24, 15, 5
"""Of the clip that is played: a face at 640×480 with speech."""

WARM_UP = 3
BENCH = Question(session_id="bench")


def main() -> None:
    """`python -m bench.embedded`: look at a face a second in windows of five, as in a call, and print the times."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    engine = EmbeddedEngine()
    engine.load()
    worker = Worker(engine)
    looks, windows = [], []
    for end, data in _clips():
        began = time.perf_counter()
        reply = worker.answer(
            Analyze(job_id=end, question=BENCH, data=data, start=float(end - WINDOW), end=float(end))
        )
        windows.append((time.perf_counter() - began) * 1e3)
        if not isinstance(reply, Analyzed) or reply.result is None or reply.result.emotion == "unknown":
            raise RuntimeError(f"the face was not read: {reply}")
        looks.append(_one_look(engine, data, end))
    for what, times in (("a look at a frame", looks), ("a new second of a call", windows)):
        low, high = percentile(times[WARM_UP:], 0.5), percentile(times[WARM_UP:], 0.95)
        print(f"{what}: {low:.1f} ms p50, {high:.1f} ms p95 ({len(times) - WARM_UP} measured, one core)")


def _clips() -> list[tuple[int, bytes]]:
    """Windows that end a second apart."""
    frames = astronaut_frames(SECONDS * FRAME_RATE)
    with TemporaryDirectory() as folder:
        wav = speech_wav(Path(folder) / "speech.wav")
        return [
            (end, encode_clip(frames[(end - WINDOW) * FRAME_RATE : end * FRAME_RATE], FRAME_RATE, "vp8", wav))
            for end in range(WINDOW, SECONDS)
        ]


def _one_look(engine: EmbeddedEngine, data: bytes, end: int) -> float:
    """What the newest frame alone costs when nothing of it is known, without decoding it, and without sound."""
    clip = decode_clip(data, start=float(end - WINDOW), end=float(end))
    silent = replace(clip, looks=clip.looks[-1:], waveform=np.zeros(0, dtype=np.float32))
    began = time.perf_counter()
    engine.analyze(silent, Question(session_id=f"look {end}"), decode_ms=0.0)
    return (time.perf_counter() - began) * 1e3


if __name__ == "__main__":
    main()
