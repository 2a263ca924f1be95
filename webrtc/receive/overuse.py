"""Overuse: whether a link is fuller than it can stand, from how much later each burst comes than the one before it.

The filter of draft-ietf-rmcat-gcc-02 section 5, number for number as aiortc's `InterArrival`, `OveruseEstimator` and
`OveruseDetector` calculate it, in one piece: theirs were a twentieth of what a call costs.
"""

from __future__ import annotations

from collections import deque
from math import sqrt

from aiortc.rate import BandwidthUsage

NORMAL, UNDERUSING, OVERUSING = BandwidthUsage.NORMAL, BandwidthUsage.UNDERUSING, BandwidthUsage.OVERUSING

GROUP = (5 << 26) // 1000
"""Of two to the 26th of a second, as send times are: 5 ms, within which what was sent is one group."""

BURST = 5
"""Milliseconds between arrivals within which what was sent apart has come together."""

_MILLISECOND = 1000.0 / (1 << 26)
_CYCLE, _HALF = 1 << 32, 1 << 31
_K_UP, _K_DOWN = 0.0087, 0.039  # how fast the threshold follows
_OVER_FOR = 10  # milliseconds


class Overuse:
    """Takes what came, in the order of its arrival; `usage` is what it says of the link."""

    def __init__(self) -> None:
        self.usage = NORMAL
        # The group before the last one and the last one: send times, arrival in ms, bytes.
        self._before: tuple[int, int, int] | None = None
        self._first: int | None = None
        self._last = self._arrival = self._size = 0
        # The filter: its covariance, slope and offset, the noise, and how many deltas it has seen.
        self._covariance = (100.0, 0.0, 0.0, 0.1)
        self._slope, self._offset, self._previous_offset = 1 / 64, 0.0, 0.0
        self._noise, self._variance = 0.0, 50.0
        self._deltas = 0
        self._periods: deque[float] = deque(maxlen=60)
        # The detector.
        self._threshold = 12.5
        self._over: float | None = None
        self._overs = 0
        self._detected_offset = 0.0
        self._updated: int | None = None

    def add(self, sent: int, arrival: int, size: int) -> None:
        """Something of `size` bytes came. `sent` is 32 bits that count two to the 26th of a second, `arrival` in ms."""
        first = self._first
        if first is None:
            self._first = self._last = sent
        else:
            since = (sent - first) % _CYCLE
            if since >= _HALF:
                return  # overtaken
            if since > GROUP and not self._together(sent, arrival):
                group = (self._last, self._arrival, self._size)
                if (before := self._before) is not None:
                    period = ((group[0] - before[0]) % _CYCLE) * _MILLISECOND
                    self._filter(group[1] - before[1], period, group[2] - before[2])
                    self._detect(period, arrival)
                self._before = group
                self._first = self._last = sent
                self._size = 0
            elif 0 < (sent - self._last) % _CYCLE < _HALF:
                self._last = sent
        self._size += size
        self._arrival = arrival

    def _together(self, sent: int, arrival: int) -> bool:
        apart = round(_MILLISECOND * ((sent - self._last) % _CYCLE))
        waited = arrival - self._arrival
        return apart == 0 or (waited - apart < 0 and waited <= BURST)

    def _filter(self, waited: int, period: float, size: int) -> None:
        self._periods.append(period)
        deltas = self._deltas = min(self._deltas + 1, 1000)
        offset, usage = self._offset, self.usage
        e00, e01, e10, e11 = self._covariance
        e00 += 1e-13
        e11 += 1e-3
        previous = self._previous_offset
        if (usage is OVERUSING and offset < previous) or (usage is UNDERUSING and offset > previous):
            e11 += 10 * 1e-3
        first, second = e00 * size + e01, e10 * size + e11
        residual = waited - period - self._slope * size - offset
        if usage is NORMAL:
            most = 3.0 * sqrt(self._variance)
            seen = residual if abs(residual) < most else -most if residual < 0 else most
            kept = (0.998 if deltas > 300 else 0.99) ** (min(self._periods) * 30.0 / 1000.0)
            self._noise = kept * self._noise + (1 - kept) * seen
            self._variance = max(1, kept * self._variance + (1 - kept) * (self._noise - seen) ** 2)
        total = self._variance + size * first + second
        gain0, gain1 = first / total, second / total
        i00, i01, i10, i11 = 1.0 - gain0 * size, -gain0, -gain1 * size, 1.0 - gain1
        self._covariance = (
            e00 * i00 + e10 * i01,
            e01 * i00 + e11 * i01,
            e00 * i10 + e10 * i11,
            e01 * i10 + e11 * i11,
        )
        self._previous_offset = offset
        self._slope += gain0 * residual
        self._offset = offset + gain1 * residual

    def _detect(self, period: float, now: int) -> None:
        if self._deltas < 2:
            return
        offset, threshold = self._offset, self._threshold
        weighed = min(self._deltas, 60) * offset
        if weighed > threshold:
            self._over = period / 2 if self._over is None else self._over + period
            self._overs += 1
            if self._over > _OVER_FOR and self._overs > 1 and offset >= self._detected_offset:
                self._overs, self._over = 0, 0
                self.usage = OVERUSING
        else:
            self._overs, self._over = 0, None
            self.usage = UNDERUSING if weighed < -threshold else NORMAL
        self._detected_offset = offset
        amount = abs(weighed)
        updated = now if self._updated is None else self._updated
        self._updated = now
        if amount <= threshold + 15:  # what leaps is no trend
            follow = _K_DOWN if amount < threshold else _K_UP
            threshold += follow * (amount - threshold) * min(now - updated, 100)
            self._threshold = max(6, min(threshold, 600))
