"""The operations on what is kept of a session, and on what happens in one."""

from __future__ import annotations

from pipeline.history import views
from web import sessions, watching
from web.authority import SessionPart
from web.events import CONTENT_TYPE as EVENTS
from web.operations import EMPTY, Operation, json, media
from web.routes.shared import HISTORY, SESSION, sent

SESSIONS = (
    Operation(
        method="GET",
        path="/api/sessions",
        handler=sessions.sessions,
        summary="The sessions that are kept, newest first. A caller's are their own.",
        tag="sessions",
        query=sessions.SessionsQuery,
        answers={200: json(views.Sessions)},
        errors={503: HISTORY},
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
        errors=SESSION,
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
        errors={404: ("no_such_session",), 503: (*HISTORY, "still_ending")},
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
        errors=SESSION,
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
        answers=sent("application/zip"),
        errors={404: ("no_such_session",), 503: (*HISTORY, "history_export_failed", "busy")},
    ),
)
