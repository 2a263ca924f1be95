"""What readers of the history are given. The names and words here are those of the HTTP interface.

Moments called `at` or `…_at` are epoch seconds; `window_start`, `window_end`, `start` and `end` are seconds on the
session's own clock, which starts with the call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Epoch = Annotated[float, Field(description="Epoch seconds.")]
SessionSeconds = Annotated[
    float, Field(description="Seconds on the session's clock, which starts with the call.")
]


class View(BaseModel):
    """What is read is what was kept: nothing is changed any more."""

    model_config = ConfigDict(frozen=True)


class Session(View):
    """A call, or a conversation without one."""

    session_id: str
    kind: Literal["call", "chat"]
    language: str
    began_at: Epoch
    ended_at: Epoch | None = Field(
        description="Epoch seconds; null while it lasts, and for a chat without a call."
    )
    end_reason: str | None = Field(description="Why it ended, for people.")
    duration: float | None = Field(description="Seconds from its beginning to its end.")
    labels: int = Field(description="Expressions kept, those that were provisional included.")
    turns: int = Field(description="Turns of the chat.")
    clips: int = Field(description="Clips that were kept; some may have been deleted since.")
    emotions: dict[str, int] = Field(
        description="How often each expression was seen, provisional ones not counted where there are others."
    )
    dominant: str | None = Field(description="The expression seen most often, `unknown` not counted.")
    dominant_share: float | None = Field(description="Its share of all that were seen and known, in [0, 1].")


class Sessions(View):
    """A page of sessions, the newest first."""

    sessions: list[Session]
    next: str | None = Field(description="Say it as `before` for the next page; null on the last.")


class Label(View):
    """An expression likely seen in a window of a call: never a claim about an inner state."""

    at: Epoch
    window_start: SessionSeconds
    window_end: SessionSeconds
    emotion: str = Field(description="One of seven, or `unknown`, then with a reason.")
    reason: str | None
    probabilities: dict[str, float]
    confidence: float | None
    valence: float | None = Field(description="In [-1, 1].")
    arousal: float | None = Field(description="In [-1, 1].")
    description: str
    engine: str
    fallback_reason: str | None
    provisional: bool = Field(description="Whether a better engine's answer for the same window was awaited.")
    video_name: str | None = Field(description="The clip of this window, where one was kept.")
    latency: dict[str, float] = Field(description="Milliseconds.")


class Turn(View):
    """A turn of the chat."""

    at: Epoch
    message_id: str
    role: Literal["user", "assistant"]
    text: str
    mood: str | None = Field(description="What the model was told of the caller's expressions with it.")
    html: str | None = Field(description="An answer, rendered and cleaned.")
    model: str | None
    finish: str | None = Field(
        description="How an answer ended: `complete`, `length`, `stopped` or `failed`."
    )
    error: str | None
    first_ms: float | None = Field(description="Milliseconds to the first word of an answer.")
    total_ms: float | None = Field(description="Milliseconds to its end.")
    prompt_tokens: int | None
    completion_tokens: int | None


class Clip(View):
    """A clip that was kept. The file may have been deleted since."""

    at: Epoch
    name: str
    start: SessionSeconds
    end: SessionSeconds
    size: int = Field(description="Bytes.")


@dataclass(frozen=True, slots=True)
class ClipKnown:
    """What is known of a clip by its name: the expression likely seen in it, and its length in seconds."""

    emotion: str | None
    duration: float | None


class Recording(View):
    """A span of time in which clips and the whole call were written."""

    began_at: Epoch
    ended_at: Epoch | None = Field(description="Epoch seconds; null while it lasts.")


class RecordingFile(View):
    """A file of the call, or of a part of it. It may have been deleted since."""

    at: Epoch = Field(description="Epoch seconds of its beginning.")
    name: str
    start: SessionSeconds
    end: SessionSeconds
    size: int = Field(description="Bytes.")


class Consent(View):
    """What was allowed from then on."""

    at: Epoch
    analysis: bool
    recording: bool
    version: str | None = Field(description="Of the words that the person was shown, as the page tells it.")
    given_by: Literal["caller", "operator"] = Field(
        description="The person in the call or, of a stream that was published, the operator."
    )


class Timeline(View):
    """All that is kept of a session; each list in order of time."""

    session: Session
    labels: list[Label]
    turns: list[Turn]
    clips: list[Clip]
    recordings: list[Recording]
    recording_files: list[RecordingFile]
    consents: list[Consent]
