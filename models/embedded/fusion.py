"""One answer for a window, from the moments seen in it. Pure: moments in, answer out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.base import FaceBox, UnknownReason

HALF_LIFE = 0.7
"""Seconds in which a moment's weight halves: with a look a second, the newest has 63 % of the say."""

BRIDGED = 1.5
"""Seconds for which the last readable face speaks while newer looks find none, so that a blink of the detector
does not show, but a face that is gone does."""

STALE = 2.5
"""Seconds after the last look of any kind when there is no picture to speak of."""

ROUNDING = 0.005
"""Seconds by which a moment may lie outside a window: containers round times to 1 ms from each window's start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen at session second `time`: `probabilities` (7,) in the order of `EMOTIONS`, or a `reason`; and
    where the face was, if one was found."""

    time: float
    probabilities: NDArray[np.float64] | None = None
    reason: UnknownReason | None = None
    face: FaceBox | None = None


def fuse(moments: Sequence[Seen], start: float, end: float) -> NDArray[np.float64] | UnknownReason:
    """Probabilities (7,) that sum to 1 for the window between two session seconds, or why there are none."""
    inside = _inside(moments, start, end)
    if not inside or end - inside[-1].time > STALE:
        return "no_video"
    newest = inside[-1]
    readable = [(seen.time, seen.probabilities) for seen in inside if seen.probabilities is not None]
    if not readable or newest.time - readable[-1][0] > BRIDGED:
        return newest.reason or "no_face"
    times = np.array([time for time, _ in readable])
    weights = 0.5 ** ((times[-1] - times) / HALF_LIFE)
    fused = weights @ np.stack([probabilities for _, probabilities in readable])
    total: NDArray[np.float64] = fused / fused.sum()
    return total


def last_face(moments: Sequence[Seen], start: float, end: float) -> FaceBox | None:
    """Where the face was when it was last seen in the window, None when it has been gone for longer than is bridged."""
    inside = _inside(moments, start, end)
    found = [seen for seen in inside if seen.face is not None]
    if not found or end - inside[-1].time > STALE or inside[-1].time - found[-1].time > BRIDGED:
        return None
    return found[-1].face


def _inside(moments: Sequence[Seen], start: float, end: float) -> list[Seen]:
    """The moments of a window, in order of time."""
    first, last = start - ROUNDING, end + ROUNDING
    return sorted((seen for seen in moments if first <= seen.time <= last), key=lambda seen: seen.time)
