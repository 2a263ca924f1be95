"""The HTTP interface: signalling, leaving, status, clips."""

from __future__ import annotations

import asyncio
import time
from typing import TypeVar
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, ValidationError

from web.engines import engines_json
from web.errors import ApiError, bad_body
from web.keys import ANALYSIS, LAG, LIBRARY, PAGE, REGISTRY
from webrtc.registry import TooManySessions
from webrtc.session import Session
from webrtc.signaling import OfferRejected

MAX_BODY = 64 * 1024
RETRY_AFTER = "5"
THUMBNAIL_WAIT = 2.0
"""Seconds that a picture is waited for: it is made a moment after its clip."""

Body = TypeVar("Body", bound=BaseModel)


class Offer(BaseModel):
    sdp: str
    type: str


class Leave(BaseModel):
    token: str


async def offer(request: web.Request) -> web.Response:
    """`POST /offer` {sdp, type} → {sdp, type, session_id, token}."""
    body = await _body(request, Offer)
    if body.type != "offer":
        raise ApiError(400, "bad_request", 'The type must be "offer".')
    registry = request.app[REGISTRY]
    try:
        session, sdp = await registry.admit(body.sdp)
    except OfferRejected as error:
        raise ApiError(400, error.code, str(error)) from error
    except TooManySessions:
        message = f"All {registry.max_sessions} places are taken; try again in a moment."
        raise ApiError(503, "too_many_sessions", message, {"Retry-After": RETRY_AFTER}) from None
    return web.json_response({"sdp": sdp, "type": "answer", "session_id": session.id, "token": session.token})


async def leave(request: web.Request) -> web.Response:
    """`POST /api/sessions/<id>/leave` {token}: a page says goodbye, by beacon as it closes.

    A session that has ended already is left too: the closing data channel often overtakes the beacon.
    """
    body = await _body(request, Leave)
    registry, session_id = request.app[REGISTRY], request.match_info["session_id"]
    if session_id not in registry:
        return web.Response(status=204)
    session = registry.authorised(session_id, body.token)
    if session is None:
        raise ApiError(404, "no_such_session", "There is no session with this id and token.")
    session.leave("the page said goodbye")
    return web.Response(status=204)


async def healthz(request: web.Request) -> web.Response:
    """`GET /healthz`: the server is up."""
    return web.json_response({"status": "ok", "version": request.app[PAGE].version})


async def status(request: web.Request) -> web.Response:
    """`GET /status`: every session with its queues, and the analysis process."""
    registry, analysis = request.app[REGISTRY], request.app[ANALYSIS]
    return web.json_response(
        {
            "version": request.app[PAGE].version,
            "max_sessions": registry.max_sessions,
            "loop_lag_ms": round(request.app[LAG].worst_ms, 1),
            "analysis": {
                "engines": engines_json(analysis),
                "waiting": analysis.waiting,
            },
            "sessions": [_session(session) for session in registry],
        }
    )


def _session(session: Session) -> dict[str, object]:
    status = session.status()
    return status.model_dump(exclude={"type", "engines"}) | {
        "state": session.state,
        "age_s": round(session.age, 1),
        "ring_bytes": sum(ring.bytes for ring in session.media.rings.values()),
        "frames_dropped": session.media.dropped,
        "frames_unknown_codec": session.media.unknown_codec,
        "messages_dropped": session.outbox.dropped,
        "messages_unknown": session.unknown_messages,
        "messages_lost": session.lost_messages,
        "clip_ms": [round(ms, 2) for ms in session.windows.clip_ms],
    }


async def clips(request: web.Request) -> web.Response:
    """`GET /api/videos` and `GET /videos`: the clips on disk, newest first."""
    stored = await asyncio.to_thread(request.app[LIBRARY].list)
    videos = [
        {
            "name": clip.name,
            "session_id": clip.session_id,
            "timestamp": clip.recorded,
            "size": clip.size,
            "url": f"/videos/{quote(clip.name)}",
            "thumbnail": f"/thumbnails/{quote(clip.name)}.jpg" if clip.has_thumbnail else None,
        }
        for clip in stored
    ]
    return web.json_response({"videos": videos, "count": len(videos)})


async def clip(request: web.Request) -> web.StreamResponse:
    """`GET /videos/<name>`: one clip; ranges are answered."""
    path = await asyncio.to_thread(request.app[LIBRARY].path_of, request.match_info["name"])
    if path is None:
        raise ApiError(404, "no_such_clip", "There is no such clip, or it is no longer kept.")
    return web.FileResponse(path)


async def thumbnail(request: web.Request) -> web.StreamResponse:
    """`GET /thumbnails/<name>.jpg`: the picture of a clip."""
    library, name = request.app[LIBRARY], request.match_info["name"]
    deadline = time.monotonic() + THUMBNAIL_WAIT
    while (path := await asyncio.to_thread(library.thumbnail_of, name)) is None:
        if time.monotonic() > deadline or await asyncio.to_thread(library.path_of, name) is None:
            raise ApiError(404, "no_such_thumbnail", "There is no picture of this clip.")
        await asyncio.sleep(0.1)
    return web.FileResponse(path)


async def _body(request: web.Request, model: type[Body]) -> Body:
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        raise bad_body(error) from None
