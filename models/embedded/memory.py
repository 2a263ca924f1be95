"""What is kept of each session between its overlapping windows, and for how long."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

from models.embedded.arousal import Baseline
from models.embedded.face import Face
from models.embedded.fusion import Seen
from models.embedded.voice import SILENCE, VoiceFrames

KEPT = 35.0
"""Seconds that moments are kept for: the longest window there may be, and a little."""

MOST_MOMENTS = 256
"""Seen moments of a session; the oldest go first."""

MOST_SESSIONS = 256
"""Sessions; the one longest unused goes first, for a `Forget` may be lost with its process."""


CLOSEST = 0.4
"""Share of the time between looks that two of them are apart at least: a stream may be all keyframes. It also lets a
frame be recognised in the next window, where its time comes out up to 1 ms different."""


@dataclass(slots=True)
class SessionMemory:
    """What is known of one session. All times are session seconds."""

    seen: list[Seen] = field(default_factory=list)
    voice: VoiceFrames = SILENCE
    face: Face | None = None
    """The face looked at last, in the picture's pixels."""
    heard_until: float = -inf
    baseline: Baseline = field(default_factory=Baseline)

    def unseen(self, times: Sequence[float], interval: float) -> list[float]:
        """Those of `times` that were not looked at yet, nor close to one that was or will be, with looks about
        `interval` seconds apart."""
        known = [seen.time for seen in self.seen]
        unseen = []
        for time in times:
            if all(abs(time - other) >= CLOSEST * interval for other in known):
                known.append(time)
                unseen.append(time)
        return unseen

    def let_go(self, before: float) -> None:
        """Drop what is older than `before`, and what is more than there should be."""
        self.seen = [seen for seen in self.seen if seen.time >= before][-MOST_MOMENTS:]
        self.voice = self.voice.between(before, inf)


class Memory:
    """The sessions' memories."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, SessionMemory] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def of(self, session_id: str) -> SessionMemory:
        """A session's memory, empty if it is new."""
        memory = self._sessions.setdefault(session_id, SessionMemory())
        self._sessions.move_to_end(session_id)
        while len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return memory

    def forget(self, session_id: str) -> None:
        """Drop a session. Unknown ids are fine."""
        self._sessions.pop(session_id, None)
