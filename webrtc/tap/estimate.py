"""The estimate: how much may be sent to us, by aiortc's estimator, for senders that know of no better way."""

from __future__ import annotations

from collections import deque
from typing import Any

from aiortc.rate import MIN_FRAME_PERIOD_HISTORY_LENGTH

BURST = 1310
"""Of two to the eighteenth of a second: 5 ms, within which what was sent is one burst. The estimator takes it for one
too, and is asked once for all of its packets."""

LEAST = 0.2
"""Seconds between two estimates. While the link is overused aiortc's estimator gives one for each packet."""


class Estimate:
    """Feeds the estimator of one receiver with what came."""

    def __init__(self, estimator: Any) -> None:
        self._estimator = estimator
        # The two places where it counts in steps. They were four tenths of it.
        estimator.incoming_bitrate = Rate()
        estimator.estimator.update_min_frame_period = LeastPeriod()
        self._first: int | None = None
        self._last = (0, 0, 0.0)
        self._size = 0
        self._given = float("-inf")

    def add(self, sent: int, ssrc: int, size: int, now: float) -> tuple[int, list[int]] | None:
        """A packet of `size` bytes came `now`, in monotonic seconds; `sent` is its absolute send time, of 24 bits.

        Gives bits a second and the sources that they are for, when it is time to tell the sender.
        """
        if self._first is not None and (sent - self._first) & 0xFFFFFF <= BURST:
            self._last, self._size = (sent, ssrc, now), self._size + size
            return None
        before, whole, begun = self._last, self._size, self._first is not None
        self._first, self._last, self._size = sent, (sent, ssrc, now), size
        if not begun:
            return None
        estimate: tuple[int, list[int]] | None = self._estimator.add(
            abs_send_time=before[0], ssrc=before[1], arrival_time_ms=int(before[2] * 1e3), payload_size=whole
        )
        if estimate is None or now < self._given + LEAST:
            return None
        self._given = now
        return estimate


class Rate:
    """What `aiortc.rate.RateCounter` is with a window of 1000 and a scale of 8000: bits a second over the last one.
    Times are milliseconds that do not step back."""

    def __init__(self) -> None:
        self._entries: deque[tuple[int, int]] = deque()  # bounded by a second of packets
        self._total = 0
        self._origin: int | None = None

    def add(self, size: int, now: int) -> None:
        """Count so many bytes."""
        if self._origin is None:
            self._origin = now
        self._forget(now)
        self._entries.append((now, size))
        self._total += size

    def rate(self, now: int) -> int | None:
        """None while nothing is counted, or for less than two milliseconds."""
        if self._origin is None:
            return None
        self._forget(now)
        counted = now - self._origin + 1
        return round(8000 * self._total / counted) if self._entries and counted > 1 else None

    def reset(self) -> None:
        """Begin anew."""
        self._entries.clear()
        self._total, self._origin = 0, None

    def _forget(self, now: int) -> None:
        assert self._origin is not None
        self._origin = max(self._origin, now - 999)
        while self._entries and self._entries[0][0] < self._origin:
            self._total -= self._entries.popleft()[1]


class LeastPeriod:
    """What `aiortc.rate.OveruseEstimator.update_min_frame_period` is: the least of the newest periods."""

    def __init__(self) -> None:
        self._periods: deque[float] = deque(maxlen=MIN_FRAME_PERIOD_HISTORY_LENGTH)

    def __call__(self, period: float) -> float:
        self._periods.append(period)
        return min(self._periods)
