"""What is missing: which packets were lost, when to ask for each again, and until when to wait.

A packet is asked for by NACK (RFC 4585 section 6.2.1) as soon as it is certain enough that it was not just overtaken,
and again each time an answer could have been here. The time that a retransmission takes is learnt from those that come.
Requests are rationed by what arrives: on a link that is too narrow each packet sent again crowds out a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf

RTT_AT_FIRST = 0.05
SHORTEST_RETRY = 0.02
"""Seconds between two requests for one packet, at least."""

LATER = 1.5
"""How much longer each further request for a packet is waited with."""

RATION = 0.25
"""Requests that a packet which arrives allows: loss of a tenth, of requests and answers too, takes half of that."""

MAX_RATION = 32.0
"""Requests that may be saved up."""

MAX_OVERTAKEN = 0.05
"""Seconds that a packet is given to come by itself where packets overtake each other, at most."""

_GAIN = 0.125  # of the smoothed round trip, as in RFC 6298 section 2
_CALM = 0.98  # how much of what was learnt of overtaking is left after one more packet was found missing


@dataclass(slots=True)
class _Lost:
    noticed: float
    ask_at: float
    asked_at: float = -inf
    asked: int = 0


class Missing:
    """The packets between those that came. Times are monotonic seconds; sequence numbers are unwrapped.

    `asks` is whether the sender answers NACK for this stream; where it does not, nothing is asked for. `hesitation`
    gives seconds for which what is missing now is not asked for yet.
    """

    def __init__(self, *, asks: bool, hesitation: Callable[[], float] = float) -> None:
        self.round_trip: float | None = None
        """Seconds from a request to the packet, smoothed, or None while none came."""
        self._asks = asks
        self._hesitation = hesitation
        self._lost: dict[int, _Lost] = {}
        self._overtaken = 0.0
        self._ration = MAX_RATION
        self.arrived = 0
        """Packets that came for the first time they were sent, since something was asked for."""

    def __len__(self) -> int:
        return len(self._lost)

    def __contains__(self, sequence: int) -> bool:
        return sequence in self._lost

    def note(self, sequences: Iterable[int], now: float) -> None:
        """These were passed over by one that came `now`."""
        self._overtaken *= _CALM
        ask_at = now + self._overtaken + self._hesitation() if self._asks else inf
        for sequence in sequences:
            self._lost[sequence] = _Lost(now, ask_at)

    def found(self, sequence: int, now: float, *, retransmitted: bool) -> None:
        """One of them has come after all."""
        lost = self._lost.pop(sequence, None)
        if lost is None:
            return
        if not retransmitted:
            self._overtaken = min(MAX_OVERTAKEN, max(self._overtaken, now - lost.noticed))
        elif lost.asked == 1:  # of one asked for twice it is not known which request it answers
            sample = now - lost.asked_at
            known = sample if self.round_trip is None else self.round_trip
            self.round_trip = known + _GAIN * (sample - known)

    def give_up(self, before: int) -> None:
        """Let go of all below a sequence number."""
        for sequence in [each for each in self._lost if each < before]:
            del self._lost[sequence]

    def certain(self, now: float) -> int:
        """How many have been waited for as long as one that was only overtaken takes."""
        return sum(now >= lost.noticed + self._overtaken for lost in self._lost.values())

    def noticed(self, sequence: int) -> float:
        """When it was passed over."""
        return self._lost[sequence].noticed

    def ask(self, now: float) -> list[int]:
        """Those to ask for now, in order. Where the ration does not suffice the others are left to the next time."""
        self._ration = min(MAX_RATION, self._ration + RATION * self.arrived)
        self.arrived = 0
        retry = max(SHORTEST_RETRY, 1.25 * (self.round_trip or RTT_AT_FIRST))
        asked = []
        for sequence in sorted(sequence for sequence, lost in self._lost.items() if lost.ask_at <= now):
            lost = self._lost[sequence]
            if self._ration >= 1:
                self._ration -= 1
                asked.append(sequence)
                lost.asked_at = now
                lost.asked += 1
            lost.ask_at = now + retry * LATER ** max(0, lost.asked - 1)
        return asked

    @property
    def due(self) -> float:
        """When to `ask` next; infinity while there is nothing to ask for."""
        return min((lost.ask_at for lost in self._lost.values()), default=inf)
