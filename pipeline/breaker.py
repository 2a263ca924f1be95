"""When an engine that has failed is asked again. Pure: the time is handed in."""

from __future__ import annotations

FIRST_WAIT = 2.0
LONGEST_WAIT = 60.0
"""Seconds; the wait doubles with every failure in a row."""


class Breaker:
    """Open after a failure, for ever longer; then one clip is let through, and decides."""

    def __init__(self) -> None:
        self._failures = 0
        self._until = 0.0
        self._reason = ""

    @property
    def failing(self) -> str | None:
        """Why the last one that was let through went wrong; None when it went well."""
        return self._reason if self._failures else None

    def refusal(self, now: float) -> str | None:
        """Why nothing is let through at second `now`; None for one that is, which must then be told how it went."""
        if self._failures == 0:
            return None
        if now < self._until:
            return self._reason
        self._until = now + self._wait()  # for the one let through to be told of
        return None

    def failed(self, reason: str, now: float) -> None:
        """Something that was let through went wrong."""
        self._failures += 1
        self._until = now + self._wait()
        self._reason = reason

    def succeeded(self) -> None:
        """Something that was let through went well."""
        self._failures = 0

    def _wait(self) -> float:
        return min(FIRST_WAIT * 2.0 ** (self._failures - 1), LONGEST_WAIT)
