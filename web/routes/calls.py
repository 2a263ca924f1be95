"""The operations by which a page begins and ends a call."""

from __future__ import annotations

from web import api, ice, sessions
from web.answers import CallAnswer, IceServersAnswer
from web.authority import SessionPart
from web.operations import EMPTY, Operation, json

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
