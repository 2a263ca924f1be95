"""How long the latest answers of an engine took."""

from __future__ import annotations

import math
from collections import deque

KEPT = 100
"""Answers that are looked back on."""


class Recent:
    """Milliseconds of the latest answers."""

    def __init__(self) -> None:
        self._ms: deque[float] = deque(maxlen=KEPT)

    def __len__(self) -> int:
        return len(self._ms)

    def add(self, ms: float) -> None:
        """One more answer took so long; the oldest of too many is forgotten."""
        self._ms.append(ms)

    def within(self, share: float) -> float | None:
        """The shortest time that this share of the answers, above 0 and up to 1, did not exceed: the nearest-rank
        percentile, which is a time that was measured. None before the first answer."""
        if not self._ms:
            return None
        return sorted(self._ms)[math.ceil(share * len(self._ms)) - 1]
