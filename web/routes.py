"""The table of all operations of the HTTP interface, from which its routes and its document are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.history import views
from web import api, chat, clips, engines, health, ice, recordings, sessions, trust, watching
from web.answers import (
    CallAnswer,
    ChatAnswer,
    ChatHistory,
    Clips,
    ConversationCleared,
    Engines,
    EngineView,
    FileAnswer,
    Health,
    IceServersAnswer,
    QwenState,
    Readiness,
    Recordings,
    Status,
)
from web.authority import SessionPart
from web.events import CONTENT_TYPE as EVENTS
from web.operations import EMPTY, Content, Operation, json, media
from web.whip_routes import PUBLISHING

_HISTORY = (
    "history_starting",
    "history_locked",
    "history_damaged",
    "history_unreachable",
    "history_full",
    "history_busy",
    "history_failed",
    "history_refused",
    "history_too_long",
)
_SESSION: Mapping[int, Sequence[str]] = {404: ("no_such_session",), 503: _HISTORY}
_NO_AUTHORITY: Mapping[int, Sequence[str]] = {404: ("own_certificate",)}
_ANALYZE: Content = {"application/json": engines.AnalyzeBody, "multipart/form-data": engines.AnalyzeForm}
_ANALYZE_ERRORS: Mapping[int, Sequence[str]] = {
    404: ("no_such_clip",),
    415: ("unsupported_media_type",),
    422: ("clip_unreadable",),
    503: ("engine_unavailable", "busy", "superseded"),
}


def _sent(*types: str) -> dict[int, Content]:
    """A file of one of these types, whole or in part, or that it has not changed."""
    return {200: media(*types), 206: media(*types), 304: EMPTY, 412: EMPTY, 416: EMPTY}


SERVER = (
    Operation(
        method="GET",
        path="/healthz",
        handler=health.healthz,
        summary="Whether the server is up. Open to everybody.",
        tag="server",
        answers={200: json(Health)},
    ),
    Operation(
        method="GET",
        path="/readyz",
        handler=health.readyz,
        summary="Whether a call can be served now, and what is missing.",
        tag="server",
        answers={200: json(Readiness), 503: json(Readiness)},
    ),
    Operation(
        method="GET",
        path="/status",
        handler=api.status,
        summary="Every call with its queues, the engines, the chat's provider and the history.",
        tag="server",
        answers={200: json(Status)},
    ),
    Operation(
        method="GET",
        path="/metrics",
        handler=health.metrics,
        errors={403: ("operator_only",)},
        summary="Figures in Prometheus's text format.",
        tag="server",
        answers={200: media("text/plain")},
    ),
    Operation(
        method="GET",
        path="/api/openapi.json",
        handler=api.openapi,
        summary="This document.",
        tag="server",
        answers={200: media("application/json")},
    ),
)

TRUST = (
    Operation(
        method="GET",
        path="/trust/mien-ca.crt",
        handler=trust.authority_crt,
        summary="The certificate authority that devices are to trust, DER. Open to everybody, as its other forms are.",
        tag="trust",
        answers={200: media(trust.CRT)},
        errors=_NO_AUTHORITY,
    ),
    Operation(
        method="GET",
        path="/trust/mien-ca.pem",
        handler=trust.authority_pem,
        summary="The same, PEM.",
        tag="trust",
        answers={200: media(trust.PEM)},
        errors=_NO_AUTHORITY,
    ),
    Operation(
        method="GET",
        path="/trust/mien.mobileconfig",
        handler=trust.authority_profile,
        summary="The same, as a configuration profile for iPhones, iPads and Macs.",
        tag="trust",
        answers={200: media(trust.PROFILE)},
        errors=_NO_AUTHORITY,
    ),
)

CALLS = (
    Operation(
        method="POST",
        path="/offer",
        handler=api.offer,
        summary="Begin a call: an offer of WebRTC is answered, with the session's id and its token.",
        tag="calls",
        body=json(api.Offer),
        answers={200: json(CallAnswer)},
        errors={400: ("bad_sdp", "no_media"), 503: ("too_many_sessions", "no_port_left")},
    ),
    Operation(
        method="GET",
        path="/api/ice-servers",
        handler=ice.ice_servers,
        summary="The STUN and TURN servers for a call, with credentials for this caller; to be asked before each call.",
        tag="calls",
        answers={200: json(IceServersAnswer)},
    ),
    Operation(
        method="POST",
        path="/api/sessions/{session_id}/leave",
        handler=sessions.leave,
        summary="Leave a call. One that has ended already is left too.",
        tag="calls",
        parts=SessionPart,
        body=json(sessions.Leave),
        answers={204: EMPTY},
        errors={404: ("no_such_session",)},
    ),
)

SESSIONS = (
    Operation(
        method="GET",
        path="/api/sessions",
        handler=sessions.sessions,
        summary="The sessions that are kept, newest first. A caller's are their own.",
        tag="sessions",
        query=sessions.SessionsQuery,
        answers={200: json(views.Sessions)},
        errors={503: _HISTORY},
    ),
    Operation(
        method="GET",
        path="/api/sessions/{session_id}",
        handler=sessions.session,
        summary="What is kept of a session.",
        tag="sessions",
        parts=SessionPart,
        token=True,
        answers={200: json(views.Session)},
        errors=_SESSION,
    ),
    Operation(
        method="DELETE",
        path="/api/sessions/{session_id}",
        handler=sessions.delete_session,
        summary="End the call if it goes on, and delete all that is kept of the session, files included.",
        tag="sessions",
        parts=SessionPart,
        token=True,
        answers={204: EMPTY},
        errors={404: ("no_such_session",), 503: (*_HISTORY, "still_ending")},
    ),
    Operation(
        method="GET",
        path="/api/sessions/{session_id}/timeline",
        handler=sessions.timeline,
        summary="Labels, turns, clips, recordings and consents in order of time; the labels alone as CSV.",
        tag="sessions",
        parts=SessionPart,
        query=sessions.TimelineQuery,
        token=True,
        answers={200: json(views.Timeline) | media("text/csv")},
        errors=_SESSION,
    ),
    Operation(
        method="GET",
        path="/api/sessions/{session_id}/events",
        handler=watching.session_events,
        summary="What happens in a call that goes on, as it happens: `session_status`, `emotion_result`, `clip_saved`, "
        "`recording_saved`, `notice`, at last `session_ended`; `skipped` with a count where a reader was too slow.",
        tag="sessions",
        parts=SessionPart,
        token=True,
        answers={200: media(EVENTS)},
        errors={404: ("no_such_session",), 503: ("too_many_readers",)},
    ),
    Operation(
        method="GET",
        path="/api/sessions/{session_id}/export",
        handler=sessions.export,
        summary="All that is kept of a session, its clips and recordings included, as a zip file.",
        tag="sessions",
        parts=SessionPart,
        token=True,
        answers=_sent("application/zip"),
        errors={404: ("no_such_session",), 503: (*_HISTORY, "history_export_failed", "busy")},
    ),
)

CLIPS = (
    Operation(
        method="GET",
        path="/api/videos",
        handler=clips.list_clips,
        summary="The clips that are kept, newest first.",
        tag="clips",
        query=clips.ClipsQuery,
        answers={200: json(Clips)},
    ),
    Operation(
        method="GET",
        path="/videos",
        handler=clips.list_clips_as_before,
        summary="The same, under the name that the earlier application gave it.",
        tag="clips",
        query=clips.ClipsQuery,
        answers={200: json(Clips)},
    ),
    Operation(
        method="GET",
        path="/videos/{name}",
        handler=clips.clip,
        summary="A clip, as it was recorded or as MP4, whole or in ranges.",
        tag="clips",
        parts=clips.ClipPart,
        query=clips.ClipQuery,
        answers=_sent("video/webm", "video/mp4"),
        errors={
            404: ("no_such_clip",),
            422: ("clip_unreadable",),
            503: ("busy", "transcode_failed"),
        },
    ),
    Operation(
        method="DELETE",
        path="/videos/{name}",
        handler=clips.delete_clip,
        summary="Delete a clip, its picture and its MP4.",
        tag="clips",
        parts=clips.ClipPart,
        token=True,
        answers={204: EMPTY},
        errors={404: ("no_such_clip",)},
    ),
    Operation(
        method="GET",
        path="/thumbnails/{name}.jpg",
        handler=clips.thumbnail,
        summary="The picture of a clip.",
        tag="clips",
        parts=clips.ClipPart,
        answers=_sent("image/jpeg"),
        errors={404: ("no_such_thumbnail",)},
    ),
)

RECORDINGS = (
    Operation(
        method="GET",
        path="/api/recordings",
        handler=recordings.list_recordings,
        summary="The recordings of whole calls that are kept, newest first.",
        tag="recordings",
        query=recordings.RecordingsQuery,
        answers={200: json(Recordings)},
    ),
    Operation(
        method="GET",
        path="/recordings/{name}",
        handler=recordings.recording,
        summary="A recording, as it was received or as MP4, whole or in ranges.",
        tag="recordings",
        parts=recordings.RecordingPart,
        query=clips.ClipQuery,
        answers=_sent("video/webm", "video/mp4"),
        errors={
            404: ("no_such_recording", "no_such_clip"),
            422: ("clip_unreadable", "recording_too_long"),
            503: ("busy", "transcode_failed"),
        },
    ),
    Operation(
        method="DELETE",
        path="/recordings/{name}",
        handler=recordings.delete_recording,
        summary="Delete a recording and its MP4.",
        tag="recordings",
        parts=recordings.RecordingPart,
        token=True,
        answers={204: EMPTY},
        errors={404: ("no_such_recording",)},
    ),
)

CHAT = (
    Operation(
        method="POST",
        path="/api/chat",
        handler=chat.chat,
        summary="Say something to the assistant; the answer comes whole, or as events while it is written.",
        tag="chat",
        body=json(chat.ChatBody),
        token=True,
        answers={200: json(ChatAnswer) | media("text/event-stream")},
        errors={404: ("no_such_session",), 429: ("chat_busy",), 503: _HISTORY},
    ),
    Operation(
        method="POST",
        path="/api/chat/clear",
        handler=chat.clear_chat,
        summary="Forget a conversation.",
        tag="chat",
        body=json(chat.ClearBody),
        token=True,
        answers={200: json(ConversationCleared)},
        errors=_SESSION,
    ),
    Operation(
        method="GET",
        path="/api/chat/history",
        handler=chat.chat_history,
        summary="What was said in a conversation, oldest first.",
        tag="chat",
        query=chat.HistoryQuery,
        token=True,
        answers={200: json(ChatHistory)},
        errors=_SESSION,
    ),
)

ENGINES = (
    Operation(
        method="GET",
        path="/api/engines",
        handler=engines.engines,
        summary="The engines in the order in which they are asked.",
        tag="engines",
        answers={200: json(Engines)},
    ),
    Operation(
        method="POST",
        path="/api/engines/{name}/load",
        handler=engines.load,
        summary="Begin to load an engine.",
        tag="engines",
        parts=engines.EnginePart,
        answers={200: json(EngineView), 202: json(EngineView)},
        errors={403: ("operator_only",), 404: ("no_such_engine",), 409: ("not_set_up",)},
    ),
    Operation(
        method="POST",
        path="/api/engines/{name}/unload",
        handler=engines.unload,
        summary="End an engine's process, which gives its memory back.",
        tag="engines",
        parts=engines.EnginePart,
        answers={200: json(EngineView)},
        errors={403: ("operator_only",), 404: ("no_such_engine",)},
    ),
    Operation(
        method="POST",
        path="/api/analyze",
        handler=engines.analyze,
        summary="The expressions likely seen in a file, one of videos/ or one that is sent.",
        tag="engines",
        body=_ANALYZE,
        answers={200: json(FileAnswer)},
        errors=_ANALYZE_ERRORS,
    ),
    Operation(
        method="GET",
        path="/api/qwen/status",
        handler=engines.qwen_status,
        summary="Whether the local Qwen-Omni model can answer.",
        tag="engines",
        answers={200: json(QwenState)},
    ),
    Operation(
        method="POST",
        path="/api/qwen/analyze",
        handler=engines.qwen_analyze,
        summary="As /api/analyze, by the local Qwen-Omni model alone.",
        tag="engines",
        body=_ANALYZE,
        answers={200: json(FileAnswer)},
        errors=_ANALYZE_ERRORS,
    ),
)

OPERATIONS = (*SERVER, *TRUST, *CALLS, *PUBLISHING, *SESSIONS, *CLIPS, *RECORDINGS, *CHAT, *ENGINES)
