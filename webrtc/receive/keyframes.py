"""Keyframes: when the sender is asked for one.

One is needed after a loss, and wanted where a clip is to begin. It is many frames in one, so that on a full link it is
asked for with care: it is to find room, and to be asked for when the sender hears it.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

DEAF = 0.32
"""Seconds after a request within which Chromium does not hear another (0.3, libwebrtc's `EncoderRtcpFeedback`), and
some that the way of the other may take less."""

RETRY = 0.1
"""Seconds from a request to the next, and those that a keyframe takes to come: the request may be lost. The third
comes when the first is no reason any more not to hear it, as the keyframe may be lost, too. Each further one is waited
with twice as long, up to nearly a second: on a full link keyframes would crowd each other out."""

MAX_RETRY = 0.9
"""Seconds between two requests, unless a keyframe takes longer: within one of a link being good again there is one."""

MAX_DOUBLED = 8
"""How many requests in a row are counted: enough for the waits to have reached the longest."""

ROOM = 0.1
"""Seconds from telling the sender that its link is too narrow to a request: the keyframe is to be made for the rate
that the sender was told, and to find room."""

BUSY = 0.06
"""Seconds that packets wait longer than the fastest on a link that may be about to become full."""

SPARED = 1.5
"""Seconds from one keyframe to the next, at least, on a busy link, unless one is needed: where the link has just become
narrow it is still as large as before, and fills it for half a second."""


class Keyframes:
    """Of one stream. `takes` gives the seconds from a request to the keyframe, about, and `queued` those of them that
    packets wait longer than the fastest. Times are monotonic seconds."""

    def __init__(self, takes: Callable[[], float], queued: Callable[[], float]) -> None:
        self.asked = 0
        """Requests since the last keyframe came."""
        self.due = inf
        """When to `ask` for one that is needed; infinity where none is."""
        self._takes = takes
        self._queued = queued
        self._asked_at = -inf
        self._came_at = -inf
        self._not_before = -inf
        self._told_at = -inf
        self._crowded_out_at = -inf

    def ask(self, now: float) -> bool:
        """Whether to ask for one that is needed now: not if one that was asked for may still come."""
        asks = now >= self._next
        if asks:
            self.asked, self._asked_at = min(self.asked + 1, MAX_DOUBLED), now
        # Not from now on: it was not asked for if the wait has grown meanwhile with the round trip.
        self.due = self._next if self.due < inf else inf
        return asks

    def ask_wanted(self, now: float) -> bool:
        """Whether to ask for one that is only wanted."""
        return (self._queued() <= BUSY or now >= self._came_at + SPARED) and self.ask(now)

    def need(self, now: float, *, missed: bool) -> None:
        """From now on one is needed; `missed` is whether something is known to have been missed. Otherwise what comes
        first mostly is one."""
        if self.due == inf:
            self.due = max(now, (self._asked_at if missed else now) + self._retry(), self._not_before)

    def came(self, now: float) -> None:
        """A keyframe was whole."""
        self.asked, self._came_at = 0, now

    def told(self, now: float) -> None:
        """The sender has been told that its link is too narrow, before anything found no room."""
        if now >= self._told_at + MAX_RETRY:
            self._told_at = now
            self._not_before = now + ROOM

    def crowded_out(self, now: float) -> None:
        """Much found no room, and nor did a keyframe that was asked for before. The sender is being told."""
        if now >= self._crowded_out_at + MAX_RETRY:
            self._crowded_out_at = now
            told = self._told_at if now < self._told_at + MAX_RETRY else now
            self._not_before = max(told + ROOM, self._asked_at + DEAF)
            self._asked_at, self.asked = -inf, 0

    @property
    def _next(self) -> float:
        return max(self._asked_at + self._retry(), self._not_before)

    def _retry(self) -> float:
        least = RETRY + self._takes()
        if self.asked <= 1:
            return least
        if self.asked == 2:
            return max(least, DEAF - least)
        later: float = max(least, DEAF) * 2.0 ** (self.asked - 3)
        return min(max(MAX_RETRY, least), later)
