"""What is kept of a session, one frozen record for each thing that happens. Moments called `at` are epoch seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["call", "chat"]
GivenBy = Literal["caller", "operator"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionBegan:
    """A call, or a conversation without one. Said again of a session that is known, it changes nothing."""

    session_id: str
    kind: Kind
    at: float
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    """`reason` is for people."""

    session_id: str
    at: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentSaid:
    """What is allowed from now on, by the person in the call or, of a stream that is published, by the operator.
    `version` is that of the words that the person was shown, None for a page that did not say."""

    session_id: str
    at: float
    analysis: bool
    recording: bool
    version: str | None = None
    given_by: GivenBy = "caller"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingBegan:
    """Clips and the whole call are written from now on."""

    session_id: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingEnded:
    """Neither is written any more."""

    session_id: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSaid:
    """One turn of a chat. `mood` is what the model was told of the caller's expressions with a user's turn; the rest
    is of an answer: `finish` as in `models.llm.base`, times in milliseconds, tokens as the provider counts them.

    A turn of the same session, message and role takes the place of the one before.
    """

    session_id: str
    message_id: str
    role: Literal["user", "assistant"]
    text: str
    at: float
    mood: str | None = None
    html: str | None = None
    model: str | None = None
    finish: str | None = None
    error: str | None = None
    first_ms: float | None = None
    total_ms: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnsCleared:
    """The chat of a session is deleted."""

    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSeen:
    """An expression likely seen, as `models.base.EmotionResult` has it; `window_start` and `window_end` are session
    seconds, `at` the end of the window, latencies milliseconds."""

    session_id: str
    at: float
    window_start: float
    window_end: float
    emotion: str
    reason: str | None
    probabilities: Mapping[str, float]
    confidence: float | None
    valence: float | None
    arousal: float | None
    description: str
    engine: str
    fallback_reason: str | None
    provisional: bool
    video_name: str | None
    latency: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipKept:
    """A clip in `videos/`. `start` and `end` are session seconds, `size` bytes."""

    session_id: str
    at: float
    name: str
    start: float
    end: float
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingKept:
    """A file in `recordings/`, of which `at` is the beginning. `start` and `end` are session seconds, `size` bytes."""

    session_id: str
    at: float
    name: str
    start: float
    end: float
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A consent was withdrawn, and what came of it before goes: for `analysis` the labels, and what the model was told
    of them with a turn; for `recording` what is known of the files and of when they were written."""

    session_id: str
    what: Literal["analysis", "recording"]


Record = (
    SessionBegan
    | SessionEnded
    | ConsentSaid
    | RecordingBegan
    | RecordingEnded
    | TurnSaid
    | TurnsCleared
    | LabelSeen
    | ClipKept
    | RecordingKept
    | Withdrawn
)
