"""Rates: how often something may be done, by token buckets."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

MOST_KEYS = 4096
"""Keys that are remembered; of more, those unseen for longest are forgotten, which lets them begin afresh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`burst` times at once, and `per_second` times a second in the long run."""

    per_second: float
    burst: float


class Rates:
    """One bucket for each key. Every time that something is done takes one token out of it."""

    def __init__(self, rate: Rate, most_keys: int = MOST_KEYS) -> None:
        self._rate = rate
        self._most_keys = most_keys
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Tokens left and when that was, the key seen last at the end."""

    def __len__(self) -> int:
        return len(self._buckets)

    def wait(self, key: str, now: float) -> float:
        """0 if it may be done now, else the seconds to wait; it is not taken to be done. `now` is monotonic seconds."""
        return self._wait(self._left(key, now))

    def allow(self, key: str, now: float) -> float:
        """The same, and if it may be done it counts."""
        left = self._left(key, now)
        wait = self._wait(left)
        self._buckets.pop(key, None)
        self._buckets[key] = (left if wait else left - 1, now)
        if len(self._buckets) > self._most_keys:
            self._buckets.popitem(last=False)
        return wait

    def _left(self, key: str, now: float) -> float:
        left, since = self._buckets.get(key, (self._rate.burst, now))
        return min(self._rate.burst, left + max(0.0, now - since) * self._rate.per_second)

    def _wait(self, left: float) -> float:
        return 0.0 if left >= 1 else (1 - left) / self._rate.per_second
