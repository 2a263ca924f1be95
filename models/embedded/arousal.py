"""How aroused a voice sounds, measured against how the same voice usually sounds in this call.

Raised and moving pitch, a brighter spectrum and a stronger up and down of level go with arousal (Juslin and
Laukka, "Communication of emotions in vocal expression and music performance", 2003). The weights are set by
hand after that, not fitted. The absolute level says nothing: microphones control their gain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.base import SAMPLE_RATE
from models.embedded.voice import HOP, VoiceFrames

LEAST_VOICE = 0.3
"""Seconds of voice in a window below which it says nothing."""

WEAK_VOICE = 0.5
"""Seconds of voice that are half believed."""

SCALES = np.array([2.5, 1.2, 4.0, 3.0])
"""What counts as one step off the usual: semitones, semitones, dB, dB, in the order of `Manner`."""

WEIGHTS = np.array([0.35, 0.35, 0.20, 0.10])

USUAL_PITCH_SPREAD, USUAL_LEVEL_SPREAD = 2.0, 6.0
"""Semitones and dB of ordinary talk, which a caller is measured against until more of them is known."""

TRUST, MEMORY = 5.0, 60.0
"""Seconds of voice: how much the ordinary counts for, and how far back a caller's own usual reaches."""

LARGEST_LEAP = 9.0
"""Semitones from the middle; pitches beyond are taken for errors, most of which are of an octave, 12."""

Features = NDArray[np.float64]
"""(4,): mean pitch, spread of pitch, mean tilt, spread of level."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a stretch of voice sounds: `features` (4,) and the `seconds` of voice they were taken from."""

    features: Features
    seconds: float


@dataclass(frozen=True, slots=True)
class Baseline:
    """How a caller usually sounds: a running mean of `features` (4,) over `seconds` of voice."""

    features: Features | None = None
    seconds: float = 0.0

    def after(self, manner: Manner, new_seconds: float) -> Baseline:
        """The baseline when `new_seconds` more of voice have been heard, in windows that sound like `manner`."""
        if self.features is None or new_seconds <= 0:
            return Baseline(manner.features, new_seconds) if new_seconds > 0 else self
        share = new_seconds / (self.seconds + new_seconds)
        features = self.features + share * (manner.features - self.features)
        return Baseline(features, min(MEMORY, self.seconds + new_seconds))

    def usual(self, manner: Manner) -> Features:
        """What to measure `manner` against. Of pitch and tilt nothing is ordinary: voices differ too much."""
        own = manner.features if self.features is None else self.features
        ordinary = np.array([own[0], USUAL_PITCH_SPREAD, own[2], USUAL_LEVEL_SPREAD])
        share = self.seconds / (self.seconds + TRUST)
        return share * own + (1 - share) * ordinary


def manner_of(frames: VoiceFrames) -> Manner | None:
    """How the voice in these frames sounds; None when there is too little of it."""
    spoken = frames.spoken()
    seconds = voice_seconds(spoken)
    if seconds < LEAST_VOICE:
        return None
    pitch, tilt, level = frames.pitch[spoken], frames.tilt[spoken], frames.level[spoken]
    middle = np.median(pitch)
    moving = _spread(pitch[np.abs(pitch - middle) < LARGEST_LEAP])
    features = np.array([middle, moving, np.mean(tilt), _spread(level)])
    return Manner(features, seconds)


def voice_seconds(spoken: NDArray[np.bool_]) -> float:
    """Seconds that so many frames stand for."""
    return float(spoken.sum()) * HOP / SAMPLE_RATE


def arousal(manner: Manner, baseline: Baseline) -> float:
    """In [-1, 1]; 0 is the caller's usual, and where little voice draws it to."""
    steps = np.clip((manner.features - baseline.usual(manner)) / SCALES, -3, 3)
    return float(np.tanh(WEIGHTS @ steps)) * manner.seconds / (manner.seconds + WEAK_VOICE)


def _spread(values: NDArray[np.float64]) -> float:
    """A standard deviation that a few octave errors do not move: from the middle four fifths."""
    low, high = np.percentile(values, [10, 90])
    return float(high - low) / 2.563
