"""The history: how many records a second it writes, how long one takes that is waited for, and what that costs the
loop of the server."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from bench.calls import percentile
from models.base import EMOTIONS
from pipeline.history.address import database_url
from pipeline.history.history import History
from pipeline.history.records import LabelSeen, SessionBegan, TurnSaid

BURST = 9_000
"""Labels put at once; a little less than may wait."""

TURNS = 300
HOUR = 7_200
"""Labels of an hour's call with two engines."""

PROBE = 0.001
"""Seconds between two looks at the loop."""


def main() -> None:
    """`python -m bench.history [--url postgresql://…]`: measure and print. Without a URL, a file in a temporary
    folder. The session `measured` is deleted at the end."""
    parser = argparse.ArgumentParser(prog="python -m bench.history")
    parser.add_argument("--url")
    url = parser.parse_args().url
    with TemporaryDirectory() as folder:
        uvloop.run(measure(database_url(url, Path(folder))))


async def measure(url: str) -> None:
    """Print what the history at `url` does on this machine."""
    history = History(url)
    task = asyncio.ensure_future(history.run())
    try:
        began = time.perf_counter()
        await history.opened()
        print(f"opened in {time.perf_counter() - began:.2f} s", flush=True)
        await history.keep(SessionBegan(session_id="measured", kind="call", at=time.time()))
        await _burst(history)
        await _keep(history)
        await _timeline(history)
        await history.delete("measured")
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def lag() -> AsyncIterator[list[float]]:
    """Milliseconds by which the loop wakes a sleeper too late, measured all along."""
    samples: list[float] = []

    async def probe() -> None:
        while True:
            due = time.perf_counter() + PROBE
            await asyncio.sleep(PROBE)
            samples.append(max(0.0, (time.perf_counter() - due) * 1e3))

    task = asyncio.ensure_future(probe())
    try:
        yield samples
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _burst(history: History) -> None:
    labels = [_label(index) for index in range(BURST)]
    async with lag() as late:
        began = time.perf_counter()
        for index, label in enumerate(labels):
            history.put(label)
            if index % 100 == 99:
                await asyncio.sleep(0)
        while history.status.waiting:
            await asyncio.sleep(PROBE)
        took = time.perf_counter() - began
    assert history.status.dropped == 0
    print(f"labels put: {BURST / took:.0f} a second ({BURST} measured); {_lag(late)}", flush=True)


async def _keep(history: History) -> None:
    times: list[float] = []
    async with lag() as late:
        for index in range(TURNS):
            began = time.perf_counter()
            turn = TurnSaid(
                session_id="measured",
                message_id=str(index),
                role="user",
                text="How do I look?",
                at=time.time(),
            )
            assert await history.keep(turn)
            times.append((time.perf_counter() - began) * 1e3)
            await asyncio.sleep(0.01)
    low, high = percentile(times, 0.5), percentile(times, 0.95)
    print(f"a turn kept: {low:.1f} ms p50, {high:.1f} ms p95 ({TURNS} measured); {_lag(late)}", flush=True)


async def _timeline(history: History) -> None:
    """Of the labels that were put; the figure is for an hour's."""
    for form in ("json", "csv"):
        async with lag() as late:
            began = time.perf_counter()
            size = sum(
                map(len, await history.timeline("measured", "json" if form == "json" else "csv") or ())
            )
            took = (time.perf_counter() - began) * HOUR / BURST
        print(
            f"{HOUR} labels as {form}: {took:.2f} s, {size * HOUR / BURST / 1e6:.1f} MB; {_lag(late)}",
            flush=True,
        )


def _lag(late: list[float]) -> str:
    return f"the loop {percentile(late, 0.99):.1f} ms late p99, {max(late):.1f} ms at worst"


def _label(index: int) -> LabelSeen:
    return LabelSeen(
        session_id="measured",
        at=time.time() + index,
        window_start=index - 5.0,
        window_end=float(index),
        emotion="happy",
        reason=None,
        probabilities={emotion: 1 / len(EMOTIONS) for emotion in EMOTIONS},
        confidence=0.5,
        valence=0.2,
        arousal=-0.1,
        description="A smile, likely; the voice is calm and even.",
        engine="embedded",
        fallback_reason=None,
        provisional=False,
        video_name=f"20260101T000000.{index:03d}_measured.webm",
        latency={"decode": 1.0, "features": 2.0, "inference": 3.0, "total": 6.0},
    )


if __name__ == "__main__":
    main()
