"""What was seen in one session, so that windows which overlap look at a frame once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.memory import unseen
from models.selection import spread


@dataclass(slots=True)
class Seen:
    """The vectors of one session's looks, by session second."""

    vectors: dict[float, NDArray[np.float32]] = field(default_factory=dict)

    def unseen(self, times: Sequence[float], interval: float) -> list[float]:
        """Those of `times` that must be looked at, with looks about `interval` seconds apart."""
        return unseen(times, self.vectors, interval)

    def between(self, start: float, end: float, most: int) -> list[NDArray[np.float32]]:
        """Vectors from `start` to `end` in order of time, `most` spread over them where there are more."""
        times = sorted(time for time in self.vectors if start - 1e-3 <= time <= end + 1e-3)
        if len(times) > most:
            times = [times[at] for at in spread(len(times), most)]
        return [self.vectors[time] for time in times]

    def let_go(self, before: float) -> None:
        """Drop what is older than `before`."""
        self.vectors = {time: vector for time, vector in self.vectors.items() if time >= before}
