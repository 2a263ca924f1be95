"""What of a clip the large models are given: a few looks spread over it, and its sound where something can be heard."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.base import SAMPLE_RATE, EngineFailed

MOST_LOOKS = 8

LONGEST = 30.0
"""Seconds of sound that are heard."""

SHORTEST = 0.2
"""Seconds; audio towers refuse what is shorter than a step of theirs."""

SILENCE = 1e-3
"""Amplitude that something in a sound must reach, -60 dB: a muted microphone sends zeros or faint noise."""


def spread(looks: int, most: int = MOST_LOOKS) -> list[int]:
    """Which of so many looks are shown: the first, the last, and evenly between them."""
    return [round(at) for at in np.linspace(0, looks - 1, min(looks, most))]


def audible(waveform: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """What of a waveform is played to a model; None when nothing in it could be heard.

    Raises `EngineFailed` when it holds other than numbers.
    """
    heard = waveform[: round(LONGEST * SAMPLE_RATE)]
    if not np.isfinite(heard).all():
        raise EngineFailed("the sound holds values that are not numbers")
    if len(heard) < SHORTEST * SAMPLE_RATE or np.abs(heard).max() < SILENCE:
        return None
    return heard
