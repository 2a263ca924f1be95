"""Queueing: how long packets wait on their way, by how much longer they take than the fastest of the last seconds."""

from __future__ import annotations

from pipeline.clock import Fastest

LEAP = 2.0
"""Seconds by which one frame may take longer than the one before it; more is a sender whose timestamps stood still."""


class Queueing:
    """Of one stream. `seconds` is how much longer its newest frame took than the fastest of the last ten or twenty."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._taken = 0.0
        self._fastest = Fastest(0.0, 0.0)

    def see(self, longer: float, now: float) -> None:
        """A frame has begun to come that took so many seconds longer than the one before it."""
        if abs(longer) > LEAP:
            self._taken, self._fastest = 0.0, Fastest(0.0, now)
        else:
            self._taken += longer
            self._fastest.see(self._taken, now)
        self.seconds = self._taken - self._fastest.least
