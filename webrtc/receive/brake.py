"""The brake: what a sender is to keep to for a moment, because its link has become too narrow for what it sends.

A browser's own estimator comes down in steps, each of them a full queue and a report apart, and until it is there the
keyframes it sends find no room. What comes through a link with a queue before it tells at once how wide the link is.
Said as an estimate of ours (REMB), it stands above the browser's own until it is lifted.
"""

from __future__ import annotations

from collections import deque

STEPS = ((0.5, 0.7), (1.5, 0.9))
"""Until how many seconds after it was pulled, which share of the rate: first the queue is to become shorter."""

LEAST = 100_000
"""Bits a second that a sender is left with at least: sound, and a picture of few."""

MEASURED = 0.15
"""Seconds over which the rate is measured at least."""

LOWER = 0.8
"""Of the rate that was measured: if it is below now, some of what was measured had come before the link was narrow."""

CORRECTED = 0.4
"""Seconds from pulling in which that may be: later the link need not be full, and the rate is the sender's choice."""

APART = 0.05
"""Seconds between what is remembered: when much happens, the last of it alone would be too short to measure."""

LIFTED = 10
"""How often a sender is told that there is no limit any more: each time may be lost, but hardly all."""

NO_LIMIT = 1 << 30
"""Bits a second."""


class Brake:
    """For all streams of one transport. Times are monotonic seconds; `received` are the bytes that came so far."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque(maxlen=4)
        self._pulled = 0.0
        self._rate = 0.0
        self._lifts = LIFTED

    def mark(self, received: int, now: float) -> None:
        """Remember what had come by now, to measure the rate from."""
        if not self._marks or now - self._marks[-1][0] >= APART:
            self._marks.append((now, received))

    def pull(self, received: int, now: float) -> None:
        """The link is too narrow. Nothing is done where the rate is not known, and while it still is on no more than to
        correct the rate."""
        since = next((mark for mark in reversed(self._marks) if now - mark[0] >= MEASURED), None)
        if since is None:
            return
        rate = 8 * (received - since[1]) / (now - since[0])
        if not self.on:
            self._pulled, self._lifts, self._rate = now, 0, rate
        elif now <= self._pulled + CORRECTED and rate < LOWER * self._rate:
            self._rate = rate

    @property
    def on(self) -> bool:
        """Whether it was pulled and has not been lifted for good."""
        return self._lifts < LIFTED

    def tell(self, now: float) -> int | None:
        """Bits a second that the sender is to be told now, or None where it need not be told anything."""
        if not self.on:
            return None
        share = next((share for until, share in STEPS if now < self._pulled + until), None)
        if share is None:
            self._lifts += 1
            return NO_LIMIT
        return max(LEAST, round(share * self._rate))
