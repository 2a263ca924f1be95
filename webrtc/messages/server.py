"""What the server says to a page."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from models.base import EngineCode
from webrtc.messages.shared import (
    MAX_CHAT_CHARACTERS,
    MAX_MESSAGE_BYTES,
    PROTOCOL_VERSION,
    Consent,
    Message,
    Pausable,
)


class Engine(Message):
    """One engine, as `models.base.EngineStatus` has it. They are listed in the order in which they are asked."""

    name: str
    state: Literal["ready", "loading", "unavailable"]
    code: EngineCode | None
    reason: str | None
    progress: float | None
    set_up: bool
    sends_to: str | None


class ChatState(Message):
    """Whether the chat's provider can be asked, as `models.llm.base.LlmStatus` has it."""

    available: bool
    code: str | None
    reason: str | None
    model: str | None
    sends_to: str | None


class HistoryState(Message):
    """Whether what happens is kept, as `pipeline.history.history.HistoryStatus` has it."""

    available: bool
    code: str | None
    reason: str | None


class Limits(Message):
    """Seconds of the ring, of a clip, and between clips; bytes of a message, characters of a chat's."""

    max_duration: float
    buffer_duration: float
    save_interval: float
    message_bytes: int = MAX_MESSAGE_BYTES
    chat_characters: int = MAX_CHAT_CHARACTERS


class Welcome(Message):
    type: Literal["welcome"] = "welcome"
    version: int = PROTOCOL_VERSION
    session_id: str
    engines: list[Engine]
    chat: ChatState
    history: HistoryState
    limits: Limits


class QueueInfo(Message):
    """What the ring holds: counts of encoded frames, durations in seconds."""

    video_frames: int
    audio_chunks: int
    video_duration: float
    audio_duration: float
    max_duration: float


class Load(Message):
    """How busy the server is: the loop's lag in ms, how far analysis is behind the newest frame in s."""

    loop_lag_ms: float
    analysis_lag_s: float | None


class Pong(Message):
    type: Literal["pong"] = "pong"
    session_id: str
    client_ts: float
    server_ts: float
    queue_info: QueueInfo
    load: Load


class SessionStatus(Message):
    """What runs now. `analysing` and `recording` are what the consent, the wish and the pauses come to;
    `recording_bytes` counts what was written of the whole call so far."""

    type: Literal["session_status"] = "session_status"
    session_id: str
    consent: Consent
    analysing: bool
    recording: bool
    paused: list[Pausable]
    queue_info: QueueInfo
    engines: list[Engine]
    chat: ChatState
    history: HistoryState
    clips_saved: int
    recording_bytes: int
    windows_analysed: int
    windows_dropped: int


class LatencyParts(Message):
    """Milliseconds; `total` counts from the end of the window to the result leaving for the page."""

    decode: float
    features: float
    inference: float
    total: float


class FaceBox(Message):
    """Left, top, width and height, as shares of the sides of the upright picture as it was sent."""

    x: float
    y: float
    width: float
    height: float


class EmotionMessage(Message):
    """An expression likely seen between `window_start` and `window_end` (session seconds).

    `timestamp` is when the window ended, in epoch seconds. `video_name` is the clip kept of the same window.
    """

    type: Literal["emotion_result"] = "emotion_result"
    emotion: str
    reason: str | None
    probabilities: dict[str, float]
    confidence: float | None
    valence: float | None
    arousal: float | None
    description: str
    video_name: str | None
    timestamp: float
    window_start: float
    window_end: float
    engine: str
    fallback_reason: str | None
    fallback_codes: dict[str, EngineCode]
    provisional: bool
    face: FaceBox | None
    latency: LatencyParts


class Gap(BaseModel):
    """Where frames of a clip were lost on the way to the server, in session seconds."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["video", "audio"]
    start: float
    end: float


class ClipSaved(Message):
    """A clip is on disk. `start` and `end` are session seconds, `size` bytes; `thumbnail` may come to be a 404."""

    type: Literal["clip_saved"] = "clip_saved"
    video_name: str
    start: float
    end: float
    size: int
    url: str
    thumbnail: str | None
    gaps: list[Gap]


class RecordingSaved(Message):
    """A recording of the whole call, or of a part of it, is on disk. `start` and `end` are session seconds, `size`
    bytes."""

    type: Literal["recording_saved"] = "recording_saved"
    recording_name: str
    start: float
    end: float
    size: int
    url: str


class ChatAccepted(Message):
    """A message was taken; `kept` tells whether it is in the history. `mood` is exactly what the model is told of the
    person's expressions with it. `ahead` counts the messages that are answered before it."""

    type: Literal["chat_accepted"] = "chat_accepted"
    message_id: str
    timestamp: float
    kept: bool
    mood: str | None
    ahead: int


class ChatDelta(Message):
    """More of an answer's text."""

    type: Literal["chat_delta"] = "chat_delta"
    message_id: str
    text: str


class ChatLatency(Message):
    """Milliseconds from the question to the first word, null where none came, and to the end."""

    first: float | None
    total: float


class ChatUsage(Message):
    """Tokens, as the provider counts them."""

    prompt: int
    completion: int


class ChatFailure(Message):
    """Why there is no answer, or no whole one."""

    code: str
    message: str


class ChatDone(Message):
    """The end of an answer: the one word that ends every accepted message. `text` is all of it, `html` the same
    rendered and cleaned. `error` is there when `finish` is `failed`."""

    type: Literal["chat_done"] = "chat_done"
    message_id: str
    text: str
    html: str
    finish: Literal["complete", "length", "stopped", "failed"]
    error: ChatFailure | None
    model: str | None
    latency: ChatLatency
    usage: ChatUsage | None
    timestamp: float
    kept: bool


class ChatCleared(Message):
    """The conversation is forgotten; `kept` is true where the history could not be told to forget it too."""

    type: Literal["chat_cleared"] = "chat_cleared"
    kept: bool


class Notice(Message):
    """Something a person may want to know; nothing stopped because of it. `code` is stable, `text` says it in English
    and has the `detail`, what the machine said of it, in it."""

    type: Literal["notice"] = "notice"
    code: str
    text: str
    detail: str | None = None
    level: Literal["info", "warning", "error"] = "info"


class SessionEnded(Message):
    """The call has ended, and why: the last message. `code` is stable, `message` for people. `left` is told to those
    who read along, not to the page that left."""

    type: Literal["session_ended"] = "session_ended"
    code: Literal["deleted", "server_stopping", "unheard", "left"]
    message: str


class Error(Message):
    """A message of the page could not be obeyed. `code` is stable, `message` for people; `message_id` is that of a
    chat message that was not taken."""

    type: Literal["error"] = "error"
    code: str
    message: str
    message_id: str | None = None


ServerMessage = (
    Welcome
    | SessionStatus
    | Pong
    | EmotionMessage
    | ClipSaved
    | RecordingSaved
    | ChatAccepted
    | ChatDelta
    | ChatDone
    | ChatCleared
    | Notice
    | SessionEnded
    | Error
)
