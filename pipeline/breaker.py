"""When an engine that has failed is asked again: a circuit breaker. Pure: the time is handed in."""

from __future__ import annotations

from dataclasses import dataclass

from models.base import Fault

CLIPS = 3
"""Clips in a row without a usable answer, whosoever they are, that make an engine's failure of clips' failures."""

FIRST_WAIT = 2.0
LONGEST_WAIT = 60.0
"""Seconds; the wait doubles with every trial that fails."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Leave to ask, handed back with how it went."""

    trial: bool


class Refused(Exception):
    """There is no leave to ask yet: `fault` is what went wrong last."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


class Breaker:
    """Opens with a failure of the engine, or with several of clips in a row: one clip that it cannot make sense of
    is no reason to shut out the others. After a while one clip is let through to try, and decides."""

    def __init__(self) -> None:
        self._wait = FIRST_WAIT
        self._until = 0.0
        self._clips = 0
        self.failing: Fault | None = None
        """What went wrong last; None when it went well."""

    def enter(self, now: float) -> Pass:
        """Leave to ask at second `now`. Raises `Refused`."""
        if self.failing is None:
            return Pass(trial=False)
        if now < self._until:
            raise Refused(self.failing)
        self._until = now + LONGEST_WAIT  # should nobody say how the trial went
        return Pass(trial=True)

    def failed(self, leave: Pass, fault: Fault, now: float, *, clip_alone: bool = False) -> None:
        """What was let through went wrong, perhaps for that `clip_alone`. What was under way when it opened does not
        prolong the wait."""
        self._clips += clip_alone
        if self.failing is not None and not leave.trial:
            return
        if clip_alone and self._clips < CLIPS:
            return
        self._wait = min(2 * self._wait, LONGEST_WAIT) if leave.trial else FIRST_WAIT
        self._until = now + self._wait
        self.failing = fault

    def undecided(self, leave: Pass, now: float) -> None:
        """What was let through says nothing about the engine: the next may try."""
        if leave.trial:
            self._until = now

    def succeeded(self) -> None:
        """What was let through went well: all may ask again."""
        self.failing = None
        self._clips = 0
