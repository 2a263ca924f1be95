"""The pace: how often something may be done, as a bucket of tokens that fills with time."""

from __future__ import annotations


class Pace:
    """`burst` at once, then `per_second`. Moments are seconds on any one clock that does not go back."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._tokens = float(burst)
        self._at: float | None = None

    def take(self, now: float) -> float:
        """Zero where it may be done now, which counts; else the seconds after which it may."""
        if self._at is not None:
            self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._per_second)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._per_second
