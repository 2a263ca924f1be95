"""What is known of one session: what was seen and heard in its last half minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

from models.embedded.arousal import Baseline
from models.embedded.fusion import Seen
from models.embedded.sight import Sighting
from models.embedded.voice import SILENCE, VoiceFrames
from models.memory import unseen

MOST_MOMENTS = 256
"""Seen moments of a session; the oldest go first."""


@dataclass(slots=True)
class SessionMemory:
    """What is known of one session. All times are session seconds."""

    seen: list[Seen] = field(default_factory=list)
    voice: VoiceFrames = SILENCE
    sighting: Sighting | None = None
    """Of the face looked at last."""
    heard_until: float = -inf
    baseline: Baseline = field(default_factory=Baseline)

    def unseen(self, times: Sequence[float], interval: float) -> list[float]:
        """Those of `times` that must be looked at, with looks about `interval` seconds apart."""
        return unseen(times, (moment.time for moment in self.seen), interval)

    def let_go(self, before: float) -> None:
        """Drop what is older than `before`, and what is more than there should be."""
        self.seen = [seen for seen in self.seen if seen.time >= before][-MOST_MOMENTS:]
        self.voice = self.voice.between(before, inf)
