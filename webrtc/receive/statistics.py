"""Statistics of one RTP stream: packets, loss and jitter (RFC 3550 appendix A.3 and A.8), frames and freezes."""

from __future__ import annotations

from webrtc.receive.queueing import Queueing

_JITTER_GAIN = 1 / 16
_USUAL_GAIN = 1 / 30
_MAX_LOST, _MIN_LOST = (1 << 23) - 1, -(1 << 23)  # 24 bits with a sign

FREEZE_FACTOR = 3.0
FREEZE_EXCESS = 0.15
"""A freeze is an interval between two frames of three times the usual one, or of this many seconds more, whichever is
longer: `freezeCount` of the W3C's WebRTC statistics."""


class Statistics:
    """Packets of one synchronization source, retransmissions apart. Times are monotonic seconds.

    `fraction_lost`, `packets_lost`, `max_seq` and `jitter`, in timestamp units, are what receiver reports are made of
    (RFC 3550 section 6.4.2). The queue on the way is measured by the frames of a picture.
    """

    def __init__(self, rate: int, queueing: Queueing | None = None) -> None:
        self.packets_received = 0
        self.bytes_received = 0
        self.jitter_seconds = 0.0
        self._rate = rate
        self._base: int | None = None
        self._highest = 0
        self.queueing = queueing
        self._transit: tuple[int, float] | None = None
        self._before = (0, 0)  # expected and received at the last report

    def add(self, sequence: int, timestamp: int, size: int, now: float) -> None:
        """Count a packet: its unwrapped sequence number, its timestamp and the bytes of its payload."""
        self.packets_received += 1
        self.bytes_received += size
        if self._base is None:
            self._base = self._highest = sequence
        elif sequence <= self._highest:
            self._base = min(self._base, sequence)
            return
        self._highest = sequence
        last = self._transit
        if last is not None and timestamp == last[0]:
            return  # of one frame: paced by the sender
        if last is not None:
            ticks = (timestamp - last[0] + (1 << 31)) % (1 << 32) - (1 << 31)
            longer = now - last[1] - ticks / self._rate
            self.jitter_seconds += _JITTER_GAIN * (abs(longer) - self.jitter_seconds)
            if self.queueing is not None:
                self.queueing.see(longer, now)
        self._transit = timestamp, now

    def start_over(self) -> None:
        """The sender counts anew. What was lost before is forgotten, as RFC 3550 has it."""
        self._base, self._transit, self._before = None, None, (0, 0)
        if self.queueing is not None:
            self.queueing.start_over(0.0)
        self.packets_received = 0

    @property
    def jitter(self) -> int:
        return round(self.jitter_seconds * self._rate)

    @property
    def max_seq(self) -> int:
        return self._highest & 0xFFFFFFFF

    @property
    def packets_expected(self) -> int:
        return 0 if self._base is None else self._highest - self._base + 1

    @property
    def packets_lost(self) -> int:
        return max(_MIN_LOST, min(self.packets_expected - self.packets_received, _MAX_LOST))

    @property
    def fraction_lost(self) -> int:
        """Of 256, since the last time it was asked for."""
        expected = self.packets_expected - self._before[0]
        lost = expected - (self.packets_received - self._before[1])
        self._before = self.packets_expected, self.packets_received
        return 0 if expected <= 0 or lost <= 0 else min(255, (lost << 8) // expected)


class Freezes:
    """Counts how often frames stayed away, and for how long altogether, in seconds."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0
        self._last: float | None = None
        self._usual = 0.0

    def see(self, now: float) -> None:
        """A frame has come."""
        if self._last is not None:
            interval = now - self._last
            if self._usual and interval > max(FREEZE_FACTOR * self._usual, self._usual + FREEZE_EXCESS):
                self.count += 1
                self.seconds += interval
            else:
                gain = _USUAL_GAIN if self._usual else 1.0
                self._usual += gain * (interval - self._usual)
        self._last = now
