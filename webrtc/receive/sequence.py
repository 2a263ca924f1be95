"""The sequence number, unwrapped: 16 bits that start over become a number that grows (RFC 3550 appendix A.1)."""

from __future__ import annotations

CYCLE = 1 << 16


class Unwrapper:
    """Takes sequence numbers in the order of their arrival. The first becomes itself plus one cycle, so that what
    was sent just before it is no negative number."""

    def __init__(self) -> None:
        self.highest: int | None = None

    def peek(self, sequence: int) -> int:
        """The number that lies nearest to the highest so far."""
        if self.highest is None:
            return sequence + CYCLE
        return self.highest + (sequence - self.highest + CYCLE // 2) % CYCLE - CYCLE // 2

    def take(self, sequence: int) -> int:
        """The same, and remembered."""
        highest = self.highest
        if highest is not None and sequence == (highest + 1) % CYCLE:  # as they come mostly
            self.highest = highest + 1
            return highest + 1
        unwrapped = self.peek(sequence)
        if highest is None or unwrapped > highest:
            self.highest = unwrapped
        return unwrapped
