"""How late the event loop is: what a busy media process would show first."""

from __future__ import annotations

import asyncio
import time
from collections import deque

INTERVAL = 0.05

RECENT = 40
"""Samples that `worst_ms` looks back on: two seconds."""

KEPT = 1200
"""Samples that `p99_ms` looks back on: a minute."""


class LoopLag:
    """Measures how much later than asked the loop wakes a sleeper. `run` must be running."""

    def __init__(self) -> None:
        self._samples: deque[float] = deque(maxlen=KEPT)

    @property
    def worst_ms(self) -> float:
        """The worst of the last two seconds, in milliseconds."""
        return max(list(self._samples)[-RECENT:], default=0.0)

    @property
    def p99_ms(self) -> float:
        """What 99 of 100 samples of the last minute do not exceed, in milliseconds."""
        ordered = sorted(self._samples)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] if ordered else 0.0

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            due = time.monotonic() + INTERVAL
            await asyncio.sleep(INTERVAL)
            self._samples.append(max(0.0, (time.monotonic() - due) * 1e3))
