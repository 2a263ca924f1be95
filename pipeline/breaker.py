"""When an engine that has failed is asked again: a circuit breaker. Pure: the time is handed in."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_WAIT = 2.0
LONGEST_WAIT = 60.0
"""Seconds; the wait doubles with every trial that fails."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Leave to ask, handed back with how it went."""

    trial: bool


class Refused(Exception):
    """There is no leave to ask yet. The message says what went wrong last."""


class Breaker:
    """Opens with a failure; after a while one clip is let through to try, and decides."""

    def __init__(self) -> None:
        self._wait = FIRST_WAIT
        self._until = 0.0
        self.failing: str | None = None
        """What went wrong last; None when it went well."""

    def enter(self, now: float) -> Pass:
        """Leave to ask at second `now`. Raises `Refused`."""
        if self.failing is None:
            return Pass(trial=False)
        if now < self._until:
            raise Refused(self.failing)
        self._until = now + LONGEST_WAIT  # should nobody say how the trial went
        return Pass(trial=True)

    def failed(self, leave: Pass, reason: str, now: float) -> None:
        """What was let through went wrong. What was under way when the first failed does not prolong the wait."""
        if self.failing is not None and not leave.trial:
            return
        self._wait = min(2 * self._wait, LONGEST_WAIT) if leave.trial else FIRST_WAIT
        self._until = now + self._wait
        self.failing = reason

    def undecided(self, leave: Pass, now: float) -> None:
        """What was let through says nothing about the engine: the next may try."""
        if leave.trial:
            self._until = now

    def succeeded(self) -> None:
        """What was let through went well: all may ask again."""
        self.failing = None
