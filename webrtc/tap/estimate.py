"""The estimate: how much may be sent to us, by aiortc's estimator, for senders that know of no better way."""

from __future__ import annotations

from typing import Any

BURST = 1310
"""Of two to the eighteenth of a second: 5 ms, within which what was sent is one burst. The estimator takes it for one
too, and is asked once for all of its packets."""

LEAST = 0.2
"""Seconds between two estimates. While the link is overused aiortc's estimator gives one for each packet."""


class Estimate:
    """Feeds the estimator of one receiver with what came."""

    def __init__(self, estimator: Any) -> None:
        self._estimator = estimator
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
