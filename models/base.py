"""The types every emotion engine speaks: a decoded clip in, an `EmotionResult` out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

Emotion = Literal["happy", "sad", "angry", "surprise", "fear", "disgust", "neutral"]
EMOTIONS: tuple[Emotion, ...] = get_args(Emotion)

Language = Literal["en", "zh"]
"""What descriptions are worded in."""

UnknownReason = Literal["no_video", "no_face", "face_too_small", "too_dark", "turned_away", "blurred"]
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
class Question:
    """What is asked about a clip.

    `prompt` replaces what a language model is asked to describe; engines without one pass over it. The emotion is
    always asked for in the engine's own way, so that answers compare.
    """

    session_id: str
    language: Language = "en"
    prompt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Where the time of one analysis went, in milliseconds."""

    decode: float
    features: float
    inference: float
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceBox:
    """Where a face is in the upright picture: left, top, width and height as shares in [0, 1] of its sides."""

    x: float
    y: float
    width: float
    height: float


EngineCode = Literal[
    "not_set_up",
    "not_in_use",
    "not_installed",
    "no_weights",
    "wrong_weights",
    "load_failed",
    "out_of_memory",
    "gpu_failed",
    "unreachable",
    "wrong_key",
    "no_model",
    "no_media",
    "loading",
    "unloaded",
    "stopping",
    "crashed",
    "too_slow",
    "failed",
]
"""Why an engine does not answer: what a page has words for in each language. PROTOCOL.md says what each means."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an engine does not answer: a stable code, and one line for people that also says what to do."""

    code: EngineCode
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmotionResult:
    """The expression likely seen in one window of a call: never a claim about an inner state.

    `emotion` is the most probable class or `unknown`, then with a `reason` and no probabilities.
    `probabilities` sum to 1 over `EMOTIONS`; `confidence` is the probability of `emotion`. Both are missing, empty
    and None, where an engine named a class and gave no figures. `valence` and `arousal` are in [-1, 1], None where
    nothing supports them. The window is in seconds on the session's clock.

    `fallback_reason` says why no engine that goes before this one answered, and `fallback_codes` the same by engine;
    `provisional` that one of those still may, for the same window. `face` is where the face was that the answer speaks
    of, None where none was in view or the engine does not look for it.
    """

    emotion: Emotion | Literal["unknown"]
    reason: UnknownReason | None
    probabilities: Mapping[Emotion, float]
    confidence: float | None
    valence: float | None
    arousal: float | None
    description: str
    window_start: float
    window_end: float
    engine: str
    latency: Latency
    fallback_reason: str | None = None
    fallback_codes: Mapping[str, EngineCode] = field(default_factory=dict)
    provisional: bool = False
    face: FaceBox | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """Whether an engine can answer and, where it cannot, why and what to do about it: a stable `code`, and a `reason`
    for people.

    `progress` is the share in [0, 1] of a load that is under way, None where it is not known. `set_up` is False
    for an engine that nobody has configured. `sends_to` is the host that clips are sent to, None where they stay.
    """

    name: str
    state: Literal["ready", "loading", "unavailable"]
    code: EngineCode | None = None
    reason: str | None = None
    progress: float | None = None
    set_up: bool = True
    sends_to: str | None = None


Progress = Callable[[float], None]
"""Told the share in [0, 1] of a load that is done."""


class EngineUnavailable(Exception):
    """An engine cannot load, or cannot answer any more. The message says why and what to do, in one line."""

    def __init__(self, message: str, code: EngineCode) -> None:
        super().__init__(message)
        self.code: EngineCode = code


class EngineFailed(Exception):
    """An engine gave no usable answer for one clip. The message says why, in one line."""

    def __init__(self, message: str, code: EngineCode = "failed") -> None:
        super().__init__(message)
        self.code: EngineCode = code


class ClipUnreadable(Exception):
    """A clip or file could not be decoded. The message says why."""


class Engine(Protocol):
    """Turns clips into results. Lives in an analysis process; one instance serves every session.

    A session's windows overlap, so an engine may keep what it learnt of a moment under the session's id and is
    only given what it asks for.
    """

    name: str
    parallel: int
    """How many clips may be given to it at a time, each on a thread of its own."""
    deadline: float
    """Seconds in which it answers for a clip; the next engine is asked when it does not."""
    interval: float
    """Seconds between the looks that it wants."""

    def load(self, progress: Progress) -> None:
        """Get ready to answer. Raises `EngineUnavailable`."""

    def wanted(self, session_id: str, times: Sequence[float]) -> Sequence[float]:
        """Which of these moments of a clip, in session seconds, must be decoded for the next `analyze`."""

    def heard_until(self, session_id: str) -> float:
        """Up to which session second the sound is known already; minus infinity when none is."""

    def analyze(self, clip: DecodedClip, question: Question, *, decode_ms: float) -> EmotionResult:
        """Answer for the window of `clip`, from what is decoded in it and what was kept of earlier clips.

        Raises `EngineFailed`, `EngineUnavailable`, and `MemoryError` when there is not enough of it.
        """

    def forget(self, session_id: str) -> None:
        """Drop what was kept of a session. Unknown ids are fine."""
