"""The types every emotion engine speaks: a decoded clip in, an `EmotionResult` out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

Emotion = Literal["happy", "sad", "angry", "surprise", "fear", "disgust", "neutral"]
EMOTIONS: tuple[Emotion, ...] = get_args(Emotion)

UnknownReason = Literal["no_video", "no_face", "face_too_small", "too_dark", "turned_away"]
"""Why a result says `unknown`: nothing to look at, or nothing that could be looked at honestly."""

SAMPLE_RATE = 16_000
"""Hz of every decoded waveform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One decoded frame. `time` is seconds on the session's clock, `rgb` uint8 of shape (height, width, 3)."""

    time: float
    rgb: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedClip:
    """What was decoded of a clip, which is not all of it: only what an engine asked for.

    `looks` are in order of time. `waveform` is mono float32 in [-1, 1] at `SAMPLE_RATE`, its first sample at
    `waveform_start`; it is empty when the clip has no sound. `start` and `end` bound the whole clip. All times
    are seconds on the session's clock.
    """

    looks: Sequence[Look]
    waveform: NDArray[np.float32]
    waveform_start: float
    start: float
    end: float
    has_video: bool
    has_audio: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Where the time of one analysis went, in milliseconds."""

    decode: float
    features: float
    inference: float
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EmotionResult:
    """The expression likely seen in one window of a call: never a claim about an inner state.

    `emotion` is the most probable class or `unknown`, then with a `reason` and no probabilities.
    `probabilities` sum to 1 over `EMOTIONS`; `confidence` is the probability of `emotion`. `valence` and
    `arousal` are in [-1, 1], None where nothing supports them. The window is in seconds on the session's clock.
    """

    emotion: Emotion | Literal["unknown"]
    reason: UnknownReason | None
    probabilities: Mapping[Emotion, float]
    confidence: float
    valence: float | None
    arousal: float | None
    description: str
    window_start: float
    window_end: float
    engine: str
    latency: Latency
    fallback_reason: str | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """Whether an engine can answer and, where it cannot, why and what to do about it."""

    name: str
    state: Literal["ready", "loading", "unavailable"]
    reason: str | None = None


class EngineUnavailable(Exception):
    """An engine cannot load. The message says why and what to do."""


class ClipUnreadable(Exception):
    """A clip or file could not be decoded. The message says why."""


class Engine(Protocol):
    """Turns clips into results. Lives in an analysis process; one instance serves every session.

    A session's windows overlap, so an engine keeps what it learnt of a moment under the session's id and is
    only given what it has not seen.
    """

    name: str

    def load(self) -> None:
        """Get ready to answer. Raises `EngineUnavailable`."""

    def wanted(self, session_id: str, times: Sequence[float]) -> Sequence[float]:
        """Which of these moments of a clip, in session seconds, must be decoded for the next `analyze`."""

    def heard_until(self, session_id: str) -> float:
        """Up to which session second the sound is known already; minus infinity when none is."""

    def analyze(self, clip: DecodedClip, session_id: str, *, decode_ms: float) -> EmotionResult:
        """Answer for the window of `clip`, from what is decoded in it and what was kept of earlier clips."""

    def forget(self, session_id: str) -> None:
        """Drop what was kept of a session. Unknown ids are fine."""
