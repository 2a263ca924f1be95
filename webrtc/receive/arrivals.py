"""Arrivals: transport-wide feedback, from which the sender's own bandwidth estimator works.

Each packet of the transport carries a number of its own; a report says which came and when
(draft-holmer-rmcat-transport-wide-cc-extensions-01). No memory of the sender's state is needed here.
"""

from __future__ import annotations

from struct import pack

from webrtc.receive.sequence import Unwrapper

INTERVAL = 0.1
"""Seconds between two reports while packets come."""

HISTORY = 0.5
"""Seconds for which what was reported is said again, should an earlier packet come after it."""

SPARED = 0.3
"""Seconds that a sparing report waits for the picture."""

_TICK = 0.000_25  # a receive delta counts quarters of a millisecond
_REFERENCE = 0.064  # the reference time counts 64 ms
_NONE, _SMALL, _LARGE = 0, 1, 2
_MAX_RUN = (1 << 13) - 1
_MAX_STATUSES = 4096
_VECTOR = 7  # two-bit statuses in a chunk


class Arrivals:
    """Notes packets and makes reports: the feedback control information of RTCP transport-layer feedback, format 15."""

    def __init__(self) -> None:
        self._unwrapper = Unwrapper()
        self._arrived: dict[int, float] = {}
        self._picture = -1
        """The highest number of the picture."""
        self._start: int | None = None
        self._told = 0
        """The number after the highest that was reported."""
        self._reports = 0

    def add(self, sequence: int, now: float, *, picture: bool = False) -> None:
        """A packet came `now`, in monotonic seconds, of the picture or of something else. `sequence` has 16 bits."""
        unwrapped = self._unwrapper.take(sequence)
        if unwrapped in self._arrived:
            return
        self._arrived[unwrapped] = now
        if picture and unwrapped > self._picture:
            self._picture = unwrapped
        if self._start is None or unwrapped < self._start:
            self._start = unwrapped

    @property
    def pending(self) -> bool:
        """Whether there is something to report."""
        return self._start is not None

    def report(self, now: float, *, sparing: bool = False) -> list[bytes]:
        """Say what came since the last report, in as many packets as that takes. All but the first are rare.

        What a report shows as lost of the picture, with nothing of the picture after it, a browser sends again, unasked
        and before anything new. `sparing` is for a link without room for that: a report then ends with the picture.
        """
        if self._start is None:
            return []
        numbers = sorted(each for each in self._arrived if each >= self._start)
        later = [each for each in numbers if each > self._picture] if sparing else []
        if later and now - self._arrived[later[0]] < SPARED:
            numbers = numbers[: -len(later)]
            if not numbers:
                return []
        else:
            later = []
        # What is missing since the last report is told of too.
        begin = self._told if 0 < numbers[0] - self._told < _MAX_STATUSES // 2 else numbers[0]
        first, *others = _groups(numbers, self._arrived)
        reports = [self._pack(begin, first), *(self._pack(group[0], group) for group in others)]
        self._start, self._told = later[0] if later else None, max(self._told, numbers[-1] + 1)
        oldest = now - HISTORY
        self._arrived = {number: at for number, at in self._arrived.items() if at >= oldest}
        return reports

    def _pack(self, first: int, numbers: list[int]) -> bytes:
        """Those that arrived, of all from `first` on."""
        reference = int(self._arrived[numbers[0]] / _REFERENCE)
        statuses: list[int] = []
        deltas = bytearray()
        ticks = round(reference * _REFERENCE / _TICK)
        for number in numbers:
            statuses += [_NONE] * (number - first - len(statuses))
            at = round(self._arrived[number] / _TICK)
            delta, ticks = at - ticks, at
            small = 0 <= delta <= 255
            statuses.append(_SMALL if small else _LARGE)
            deltas += pack("!B", delta) if small else pack("!h", delta)
        head = pack("!HH", first & 0xFFFF, len(statuses))
        head += (reference & 0xFFFFFF).to_bytes(3) + pack("!B", self._reports & 0xFF)
        self._reports += 1
        packed = head + _chunks(statuses) + bytes(deltas)
        return packed + bytes(-len(packed) % 4)


def _groups(numbers: list[int], arrived: dict[int, float]) -> list[list[int]]:
    """Split where a report could not hold the distance: of numbers, or of times (16 bits with a sign)."""
    groups: list[list[int]] = []
    for number in numbers:
        last = groups[-1] if groups else None
        if (
            last is None
            or number - last[0] >= _MAX_STATUSES // 2
            or abs(arrived[number] - arrived[last[-1]]) > 8.0
        ):
            groups.append([number])
        else:
            last.append(number)
    return groups


def _chunks(statuses: list[int]) -> bytes:
    """Runs of one status where they are long, else seven statuses of two bits (sections 3.1.3 and 3.1.4)."""
    packed, at = bytearray(), 0
    while at < len(statuses):
        run = 1
        while at + run < len(statuses) and run < _MAX_RUN and statuses[at + run] == statuses[at]:
            run += 1
        if run >= _VECTOR or at + run == len(statuses):
            packed += pack("!H", statuses[at] << 13 | run)
            at += run
            continue
        chunk = 0b11 << 14
        for place, status in enumerate(statuses[at : at + _VECTOR]):
            chunk |= status << 2 * (_VECTOR - 1 - place)
        packed += pack("!H", chunk)
        at += _VECTOR
    return bytes(packed)
