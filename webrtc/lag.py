"""How late the event loop is: what a busy media process would show first."""

from __future__ import annotations

import asyncio
import time
from collections import deque

INTERVAL = 0.1
"""Seconds between two samples. Each wakes the process: twice as many are a fortieth of what four calls cost."""

RECENT = 20
"""Samples that `worst_ms` looks back on: two seconds."""

KEPT = 600
"""Samples that `p99_ms` looks back on: a minute."""


class LoopLag:
    """Measures how much later than asked the loop wakes a sleeper. `run` must be running."""

    def __init__(self) -> None:
        self._samples: deque[float] = deque(maxlen=KEPT)
        self._timer: asyncio.TimerHandle | None = None

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
        self._sleep()
        try:
            await asyncio.Event().wait()
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def _sleep(self) -> None:
        due = time.monotonic() + INTERVAL
        self._timer = asyncio.get_running_loop().call_later(INTERVAL, self._sample, due)

    def _sample(self, due: float) -> None:
        self._samples.append(max(0.0, (time.monotonic() - due) * 1e3))
        self._sleep()
