"""What the HTTP interface answers with, as the models that make its JSON and its document."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from models.base import Emotion, EmotionResult, EngineCode, UnknownReason
from webrtc.messages import ChatFailure, ChatState, ChatUsage, Consent, HistoryState, Pausable, QueueInfo

log = logging.getLogger(__name__)


class Answer(BaseModel):
    """A JSON object. Later versions may add fields."""

    model_config = ConfigDict(frozen=True)


def answered(answer: Answer, status: int = 200) -> web.Response:
    """An answer as JSON."""
    return answered_with(answer.model_dump_json(), status)


def answered_with(body: str | bytes, status: int = 200) -> web.Response:
    """What is JSON already."""
    data = body.encode() if isinstance(body, str) else body
    return web.Response(body=data, status=status, content_type="application/json", charset="utf-8")


async def sent(
    request: web.Request, pieces: Sequence[bytes], content_type: str, headers: Mapping[str, str] | None = None
) -> web.StreamResponse:
    """Text in UTF-8 that may be long, a piece at a time: encrypted at once, it would hold up the loop."""
    response = web.StreamResponse(headers=headers)
    response.content_type, response.charset = content_type, "utf-8"
    response.content_length = sum(map(len, pieces))
    try:
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
        await response.write_eof()
    except ConnectionResetError:
        log.info("%s %s: whoever read has gone", request.method, request.path)
    return response


class ErrorSaid(Answer):
    """`code` is stable, `message` for people."""

    code: str
    message: str


class ErrorAnswer(Answer):
    error: ErrorSaid


class Health(Answer):
    status: Literal["ok"]
    version: str


class Readiness(Answer):
    """`reasons` say why no call can be served; `degraded` what is missing though one can; `codes` and
    `degraded_codes` the same for machines; `full` that all places are taken at the moment."""

    ready: bool
    full: bool
    reasons: list[str]
    codes: list[str]
    degraded: list[str]
    degraded_codes: list[str]


class CallAnswer(Answer):
    """`sdp` is the answer to the offer; `token` shows who the caller is, and is for them alone. `resumed` is whether
    the session that was asked for goes on."""

    sdp: str
    type: Literal["answer"]
    session_id: str
    token: str
    resumed: bool


class IceServerView(Answer):
    """A STUN or TURN server; the credentials are this caller's alone."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class IceServersAnswer(Answer):
    """`lifetime` is seconds that the credentials are good for."""

    ice_servers: list[IceServerView]
    lifetime: int


class LabelTimes(Answer):
    """Milliseconds from a window's end to its label, over an engine's last `count` answers in calls, 100 at most: what
    half of them and 95 of 100 did not exceed."""

    count: int
    p50: float
    p95: float


class EngineView(Answer):
    """An engine as `models.base.EngineStatus` has it, what its process does, and how long its latest labels took, null
    before the first."""

    name: str
    state: Literal["ready", "loading", "unavailable"]
    code: EngineCode | None
    reason: str | None
    progress: float | None
    set_up: bool
    sends_to: str | None
    pid: int | None
    waiting: int
    answered: int
    restarts: int
    label_ms: LabelTimes | None


class Engines(Answer):
    """In the order in which they are asked."""

    ready: bool
    engines: list[EngineView]


class QwenState(Answer):
    available: bool
    state: Literal["ready", "loading", "unavailable"]
    code: EngineCode | None
    reason: str | None
    progress: float | None


class FileAnswer(Answer):
    """What the windows of a file come to, as `models.summary.Summary` has it; who answered; and the windows."""

    file: str
    emotion: Emotion | Literal["unknown"]
    reason: UnknownReason | None
    probabilities: Mapping[Emotion, float]
    confidence: float | None
    duration_s: float
    readable_s: float
    total_ms: float
    engine: str
    fallback_reason: str | None
    fallback_codes: Mapping[str, EngineCode]
    description: str
    windows: list[EmotionResult]


class AnalysisView(Answer):
    engines: list[EngineView]
    waiting: int


class ReceptionView(Answer):
    """What has come in of a kind of media since the call began.

    `bitrate` (bits in a second) and `frame_rate` are those of what is in the ring; `packets` and `lost` are RTP packets
    as they were sent first, `retransmitted` those that came again. `nacks` counts packets asked for again and `plis`
    keyframes asked for, `undecodable` frames let go because one before them was lost, `freezes` and `frozen_s` how
    often pictures stayed away and for how long. `audio_level_db` is the newest in dBov, 0 the loudest. What is not
    known is null; aiortc's own receive path counts neither retransmissions nor what follows them.
    """

    packets: int
    lost: int
    frames: int
    bytes: int
    bitrate: float | None
    frame_rate: float | None
    jitter_ms: float
    retransmitted: int
    nacks: int
    plis: int
    undecodable: int
    freezes: int
    frozen_s: float
    round_trip_ms: float | None
    audio_level_db: int | None


class CallView(Answer):
    """A call that goes on. Ages are seconds; `clip_ms` is how long the last clips took to be muxed, `analysis_lag_s`
    how far the last label lies behind, `quality` what the page says of the picture it sends, 0 to 1. `published` is
    whether a program publishes it by WHIP."""

    session_id: str
    consent: Consent
    analysing: bool
    recording: bool
    paused: list[Pausable]
    queue_info: QueueInfo
    clips_saved: int
    windows_analysed: int
    windows_dropped: int
    state: str
    published: bool
    age_s: float
    quality: float | None
    ring_bytes: int
    frames_dropped: int
    frames_unknown_codec: int
    messages_dropped: int
    messages_unknown: int
    messages_lost: int
    candidates_dropped: int
    clip_ms: list[float]
    analysis_lag_s: float | None
    media: Mapping[Literal["video", "audio"], ReceptionView]


class ReceiveView(Answer):
    """How media is received: by the `lean` way or by `aiortc`'s own; `reason` says why not the way asked for."""

    way: Literal["lean", "aiortc"]
    reason: str | None


class Machine(Answer):
    """What the server runs on. `load` is that of the last minute, `memory_bytes` what the server's own process holds,
    `disk_free_bytes` null where the disk does not say."""

    cpus: int
    load: float
    memory_bytes: int | None
    disk_free_bytes: int | None


class Status(Answer):
    """`loop_lag_ms` is how late the event loop was at worst in the last two seconds, `loop_lag_p99_ms` what it kept to
    99 times of 100 in the last minute."""

    version: str
    max_sessions: int
    loop_lag_ms: float
    loop_lag_p99_ms: float
    analysis: AnalysisView
    chat: ChatState
    history: HistoryState
    receive: ReceiveView
    machine: Machine
    sessions: list[CallView]


class ClipView(Answer):
    """`timestamp` is the moment of the last frame in epoch seconds, `size` bytes. `mp4` is the same clip for players
    that cannot play it as it is, `thumbnail` its picture, a 404 where there is nothing to be seen in it. `emotion` is
    the expression likely seen in it, `duration` seconds; both are null where the history does not know them."""

    name: str
    session_id: str
    timestamp: float
    size: int
    url: str
    mp4: str
    thumbnail: str
    emotion: Emotion | Literal["unknown"] | None
    duration: float | None


class Clips(Answer):
    """Newest first. `next` is what to give as `before` for the older ones, null when there are none."""

    videos: list[ClipView]
    count: int
    next: str | None


class RecordingView(Answer):
    """`timestamp` is the moment of the first frame in epoch seconds, `size` bytes. `mp4` is the same recording for
    players that cannot play it as it is, null where it is too long for one to be made."""

    name: str
    session_id: str
    timestamp: float
    size: int
    url: str
    mp4: str | None


class Recordings(Answer):
    """Newest first. `next` is what to give as `before` for the older ones, null when there are none."""

    recordings: list[RecordingView]
    count: int
    next: str | None


class ChatAnswer(Answer):
    """`response` is null, and `error` says why, where there is no answer; `api_available` tells whether the provider
    could be asked. `kept` tells whether the message is in the history."""

    response: str | None
    html: str | None
    timestamp: float
    session_id: str
    message_id: str
    api_available: bool
    error: ChatFailure | None
    model: str | None
    finish: Literal["complete", "length", "stopped", "failed"]
    kept: bool
    usage: ChatUsage | None


class ConversationCleared(Answer):
    """`success` is false, and `kept` true, where the history could not be told to forget the conversation too: ask
    again later."""

    success: bool
    session_id: str
    kept: bool


class TurnView(Answer):
    role: Literal["user", "assistant"]
    content: str
    timestamp: float
    message_id: str
    html: str | None
    mood: str | None
    finish: str | None
    error: str | None
    model: str | None


class ChatHistory(Answer):
    """Oldest first."""

    session_id: str | None
    history: list[TurnView]
    count: int
