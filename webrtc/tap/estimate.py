"""The estimate: how much may be sent to us, for senders that know of no better way (REMB)."""

from __future__ import annotations

from collections import deque
from math import inf

from aiortc.rate import AimdRateControl

from webrtc.receive.overuse import OVERUSING, Overuse

BURST = 1310
"""Of two to the eighteenth of a second: 5 ms, within which what was sent is one burst. The filter takes it for one too,
and is asked once for all of its packets."""

SETTLED = 0.1
"""Seconds of bursts that are looked at together: to look at each as it comes costs more, as between two of them the
processor has turned to other things."""

LEAST = 0.2
"""Seconds between two estimates that do not wait. While the link is overused one could be given for each packet."""

LOWER = 0.97
"""Of the last estimate that was told: what is below does not wait. Others do, until something is sent anyway: each
datagram wakes both ends, and a sender that hears of more a second later loses nothing by it."""

MOST_SOURCES = 8
"""Sources that an estimate is for: the newest."""

EVERY = 500
"""Milliseconds between two estimates while it is not."""


class Estimate:
    """What `aiortc.rate.RemoteBitrateEstimator` would say, for the packets of one receiver."""

    def __init__(self) -> None:
        self._overuse = Overuse()
        self._control = AimdRateControl()
        self._rate = Rate()
        self._counting = True
        self._updated: int | None = None
        self._sources: deque[int] = deque(maxlen=MOST_SOURCES)
        self._first: int | None = None
        self._last = (0, 0.0)
        self._size = 0
        self._bursts: list[tuple[int, int, int]] = []
        self._settled = self._given = -inf
        self._told: float = inf
        self._newest: int | None = None

    def add(self, sent: int, ssrc: int, size: int, now: float) -> bool:
        """A packet of `size` bytes came `now`, in monotonic seconds; `sent` is its absolute send time, of 24 bits.

        True when it is time to `tell` the sender.
        """
        first = self._first
        if first is not None and (sent - first) & 0xFFFFFF <= BURST:
            self._last = (sent, now)
            self._size += size
            return False
        before, whole = self._last, self._size
        self._first, self._last, self._size = sent, (sent, now), size
        if ssrc not in self._sources:
            self._sources.append(ssrc)
        if first is None:
            return False
        self._bursts.append((before[0], int(before[1] * 1e3), whole))
        if now < self._settled + SETTLED:
            return False
        self._settled = now
        bursts, self._bursts = self._bursts, []
        rates = [rate for burst in bursts if (rate := self._burst(*burst)) is not None]
        if not rates:
            return False
        self._newest = rates[-1]
        return self._newest < LOWER * self._told and now >= self._given + LEAST

    def tell(self, now: float) -> tuple[int, list[int]] | None:
        """The newest estimate, in bits a second, and the sources that it is for; None where it has been told."""
        newest, self._newest = self._newest, None
        if newest is None:
            return None
        self._given, self._told = now, newest
        return newest, list(self._sources)

    def _burst(self, sent: int, now: int, size: int) -> int | None:
        if self._rate.rate(now) is not None:
            self._counting = True
        elif self._counting:
            self._rate.reset()
            self._counting = False
        self._rate.add(size, now)
        self._overuse.add(sent << 8, now, size)
        due = self._updated is None or now - self._updated > EVERY
        if not due and self._overuse.usage is not OVERUSING:
            return None
        rate = self._control.update(self._overuse.usage, self._rate.rate(now), now)
        if rate is not None:
            self._updated = now
        return rate


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
