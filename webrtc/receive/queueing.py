"""Queueing: how long packets wait on their way, by how much longer they take than the fastest of the last seconds."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from pipeline.clock import Fastest

LEAP = 2.0
"""Seconds by which one frame may take longer than the one before it; more is a sender whose timestamps stood still."""


GROWTH = 0.01
"""Seconds that a queue grows by with each frame: less is chance, or left to the sender's own estimate."""

GROWN = 0.06
"""Seconds that it has grown by when it is told of, the frame with the most apart, as after a moment in which nothing
came only one is late. Far more is sent than the link takes then."""

SELDOM = 10.0
"""Seconds from telling of one to the next: where packets wait for other reasons a sender is not to be held back
again and again."""


class Queueing:
    """Of one stream. `seconds` is how much longer its newest frame took than the fastest of the last ten or twenty.

    `grows` is called with each frame while a queue is growing fast: it tells some tenths of a second before there is no
    room left in it.
    """

    def __init__(self, grows: Callable[[], None]) -> None:
        self._grows = grows
        self._told = -inf
        self.start_over(0.0)

    def start_over(self, now: float) -> None:
        """What comes next is not to be compared with what came before."""
        self.seconds = self._taken = self._grown = self._most = 0.0
        self._telling = False
        self._fastest = Fastest(0.0, now)

    def see(self, longer: float, now: float) -> None:
        """A frame has begun to come that took so many seconds longer than the one before it."""
        if abs(longer) > LEAP:
            self.start_over(now)
            return
        self._taken += longer
        self._fastest.see(self._taken, now)
        self.seconds = self._taken - self._fastest.least
        if longer < GROWTH:
            self._grown, self._most, self._telling = 0.0, 0.0, False
            return
        self._grown, self._most = self._grown + longer, max(self._most, longer)
        if self._grown - self._most >= GROWN and not self._telling and now >= self._told + SELDOM:
            self._told, self._telling = now, True
        if self._telling:
            self._grows()
