"""Ordering: packets in the order they were sent, without waiting where nothing is missing.

A packet that comes in its turn passes at once. One that comes early waits for those before it, until they come or have
been waited for long enough; then they are given up. So nothing is held back after a loss is over.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from webrtc.receive.missing import Missing
from webrtc.receive.packet import Packet

MAX_GAP = 512
"""Packets that may be missing or wait at a time."""

MAX_SILENCE = 1.0
"""Seconds without a packet after which what was sent meanwhile is not worth waiting for."""


class Ordering:
    """Hands packets to `take` in order and calls `lose` where some are given up. Times are monotonic seconds."""

    def __init__(
        self,
        missing: Missing,
        *,
        patience: Callable[[], float],
        take: Callable[[Packet], None],
        lose: Callable[[], None],
    ) -> None:
        self.missing = missing
        self.given_up = 0
        self.useless = 0
        """Packets that came twice, or after they had been given up."""
        self._patience = patience
        self._take = take
        self._lose = lose
        self.held: dict[int, Packet] = {}
        """Packets that wait for others."""
        self._next: int | None = None
        self._highest = 0
        self._heard = -inf

    def add(self, sequence: int, packet: Packet, now: float, *, retransmitted: bool = False) -> None:
        """Take a packet. `sequence` is unwrapped."""
        if sequence == self._next and not self.held:  # nothing is missing, as mostly
            self._heard, self._next, self._highest = now, sequence + 1, sequence
            self._take(packet)
            return
        if self._next is None:
            self._next, self._highest = sequence, sequence - 1
        silent, self._heard = now - self._heard > MAX_SILENCE, now
        if sequence < self._next or sequence in self.held:
            self.useless += 1
        elif sequence == self._next:
            self._in_turn(sequence, packet, now, retransmitted)
        elif silent or sequence - self._next > 2 * MAX_GAP:
            self._jump(sequence, packet)
        else:
            self._hold(sequence, packet, now, retransmitted)

    def expire(self, now: float) -> None:
        """Give up what has been waited for long enough."""
        while self.held and now >= self._deadline():
            self._skip()

    def give_up(self) -> None:
        """Wait for nothing of what is missing."""
        while self.held:
            self._skip()

    def start_over(self) -> None:
        """The sender has begun to count anew: what comes next is the first."""
        self._forget()
        self._next = None

    @property
    def due(self) -> float:
        """When to `expire` next; infinity while nothing is waited for."""
        return self._deadline() if self.held else inf

    def _in_turn(self, sequence: int, packet: Packet, now: float, retransmitted: bool) -> None:
        self.missing.found(sequence, now, retransmitted=retransmitted)
        self._next = sequence + 1
        self._highest = max(self._highest, sequence)
        self._take(packet)
        if self.held:
            self._release()

    def _hold(self, sequence: int, packet: Packet, now: float, retransmitted: bool) -> None:
        self.held[sequence] = packet
        if sequence > self._highest:
            self.missing.note(range(self._highest + 1, sequence), now)
            self._highest = sequence
        else:
            self.missing.found(sequence, now, retransmitted=retransmitted)
        assert self._next is not None
        while self._highest - self._next >= MAX_GAP:
            self._skip()

    def _release(self) -> None:
        assert self._next is not None
        while (packet := self.held.pop(self._next, None)) is not None:
            self._next += 1
            self._take(packet)

    def _skip(self) -> None:
        """Give up what is missing before the first packet that waits."""
        assert self._next is not None
        first = min(self.held)
        self.given_up += first - self._next
        self.missing.give_up(first)
        self._lose()
        self._next = first
        self._release()

    def _jump(self, sequence: int, packet: Packet) -> None:
        assert self._next is not None
        self.given_up += sequence - self._next - len(self.held)
        self._forget()
        self._next, self._highest = sequence + 1, sequence
        self._take(packet)

    def _forget(self) -> None:
        self.held.clear()
        self.missing.give_up(self._highest + 1)
        self._lose()

    def _deadline(self) -> float:
        assert self._next is not None
        return self.missing.noticed(self._next) + self._patience()
