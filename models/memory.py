"""What an engine keeps of each session between its overlapping windows, how long, and what it need not see again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

KEPT = 35.0
"""Seconds that moments are kept for: the longest window there may be, and a little."""

MOST_SESSIONS = 256
"""Sessions; the one longest unused goes first, for a `Forget` may be lost with its process."""

CLOSEST = 0.4
"""Share of the time between looks that two of them are apart at least: a stream may be all keyframes. It also lets a
frame be recognised in the next window, where its time comes out up to 1 ms different."""

State = TypeVar("State")


class Memory(Generic[State]):
    """The sessions' states, each begun by `new`."""

    def __init__(self, new: Callable[[], State]) -> None:
        self._new = new
        self._sessions: OrderedDict[str, State] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def of(self, session_id: str) -> State:
        """A session's state, a new one if the session is new."""
        if session_id not in self._sessions:
            self._sessions[session_id] = self._new()
        self._sessions.move_to_end(session_id)
        while len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return self._sessions[session_id]

    def forget(self, session_id: str) -> None:
        """Drop a session. Unknown ids are fine."""
        self._sessions.pop(session_id, None)


def unseen(times: Sequence[float], seen: Iterable[float], interval: float) -> list[float]:
    """Those of `times` that are close to no moment `seen`, nor to one another, with looks about `interval` seconds
    apart."""
    known, new = list(seen), []
    for time in times:
        if all(abs(time - other) >= CLOSEST * interval for other in known):
            known.append(time)
            new.append(time)
    return new
