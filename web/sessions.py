"""The sessions over HTTP: what was kept of each is listed, told in order of time, exported and deleted."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Literal

from aiohttp import web
from pydantic import BaseModel, Field

from pipeline.history import views
from web.answers import answered_with, sent
from web.audit import note
from web.authority import SessionPart, asker, no_such_session, require, sees
from web.errors import ApiError
from web.keys import ANALYSIS, CHAT, EXPORTS, HISTORY, LIBRARY, RECORDINGS, REGISTRY, TRANSCODER
from web.reading import Body, read_body, read_path, read_query
from webrtc.messages import SessionEnded
from webrtc.registry import Registry
from webrtc.session import Session

MOST_LISTED = 200
MOST_SEARCHED = 2000
"""Sessions among which a caller's own are looked for at a time."""

ENDING = 5.0
"""Seconds in which a call that is deleted must have ended."""

_ENDED_CHECK = 0.02


class SessionsQuery(BaseModel):
    limit: Annotated[int, Field(ge=1, le=MOST_LISTED)] = 50
    before: Annotated[str, Field(max_length=200, description="As `next` of the last page had it.")] | None = (
        None
    )


class TimelineQuery(BaseModel):
    format: Literal["json", "csv"] = "json"


class Leave(Body):
    """With `back` the page may come back, as after a reload: the call waits for it."""

    token: str
    back: bool = False


async def leave(request: web.Request) -> web.Response:
    """`POST /api/sessions/<id>/leave` {token}: a page says goodbye, by beacon as it closes.

    A session that has ended already is left too: the closing data channel often overtakes the beacon.
    """
    session_id, body = read_path(request, SessionPart).session_id, await read_body(request, Leave)
    registry = request.app[REGISTRY]
    if session_id not in registry:
        return web.Response(status=204)
    session = registry.authorised(session_id, body.token)
    if session is None:
        raise no_such_session()
    if body.back:
        session.away("the page went away")
    else:
        session.leave("the page said goodbye")
    return web.Response(status=204)


async def sessions(request: web.Request) -> web.Response:
    """`GET /api/sessions`: the asker's sessions that are kept, newest first."""
    asked = read_query(request, SessionsQuery)
    try:
        if asker(request).operates:
            return _kept(await request.app[HISTORY].sessions(limit=asked.limit, before=asked.before))
        return answered_with((await _own(request, asked)).model_dump_json())
    except ValueError:
        raise ApiError(400, "bad_request", "The parameter before is not one that was given out.") from None


async def _own(request: web.Request, asked: SessionsQuery) -> views.Sessions:
    """A caller's own among all: `next` is where to look on, also where none was found so far."""
    own: list[views.Session] = []
    before = asked.before
    for _ in range(MOST_SEARCHED // MOST_LISTED):
        kept = await request.app[HISTORY].sessions(limit=MOST_LISTED, before=before)
        page = views.Sessions.model_validate_json(kept)
        own += [each for each in page.sessions if sees(request, each.session_id)]
        before = page.next
        if before is None or len(own) >= asked.limit:
            break
    return views.Sessions(sessions=own, next=before)


async def session(request: web.Request) -> web.Response:
    """`GET /api/sessions/<id>`: what is kept of a session."""
    session_id = _asked(request)
    return _kept(await request.app[HISTORY].session(session_id))


async def timeline(request: web.Request) -> web.StreamResponse:
    """`GET /api/sessions/<id>/timeline`: all that happened, in order of time; its labels as CSV."""
    session_id, asked = _asked(request), read_query(request, TimelineQuery)
    pieces = await request.app[HISTORY].timeline(session_id, asked.format)
    if pieces is None:
        raise no_such_session()
    if asked.format == "json":
        return await sent(request, pieces, "application/json")
    note(request, "export_made", session_id=session_id, what="csv")
    headers = {"Content-Disposition": f'attachment; filename="mien-{session_id}.csv"'}
    return await sent(request, pieces, "text/csv", headers)


async def export(request: web.Request) -> web.StreamResponse:
    """`GET /api/sessions/<id>/export`: all that is kept of a session, clips and recordings included, as a zip file."""
    session_id = _asked(request)
    clips = await asyncio.to_thread(request.app[LIBRARY].of, session_id)
    recordings = await asyncio.to_thread(request.app[RECORDINGS].of, session_id)
    async with request.app[EXPORTS].place(session_id) as path:
        # To its end, also for somebody who has gone: given up half-way, the file might still appear later.
        made = await request.app[HISTORY].export(session_id, [*clips, *recordings], path)
        if not made or not await asyncio.to_thread(path.is_file):  # the session was deleted meanwhile
            raise no_such_session()
        note(request, "export_made", session_id=session_id, what="zip")
        return await request.app[EXPORTS].send(request, path, f"mien-{session_id}.zip")


async def delete_session(request: web.Request) -> web.Response:
    """`DELETE /api/sessions/<id>`: ends a call that goes on, and deletes all that is kept of the session."""
    session_id, app = _asked(request), request.app
    was_there = await _end(app[REGISTRY], session_id)
    app[ANALYSIS].forget(session_id)
    app[CHAT].forget(session_id)
    deleted = await app[HISTORY].delete(session_id)  # first: where it cannot be reached nothing is half done
    names = [
        *await asyncio.to_thread(app[LIBRARY].remove, session_id),
        *await asyncio.to_thread(app[RECORDINGS].remove, session_id),
    ]
    await app[TRANSCODER].remove(names)
    app[CHAT].forget(session_id)  # somebody may have asked for it since
    await app[EXPORTS].forget(session_id)
    if not (was_there or names or deleted):
        raise no_such_session()
    note(request, "session_deleted", session_id=session_id)
    return web.Response(status=204)


def live(registry: Registry, session_id: str) -> Session | None:
    """The call of this id that goes on."""
    return next((session for session in registry if session.id == session_id), None)


async def _end(registry: Registry, session_id: str) -> bool:
    """End a call and wait for that. False where none went on. Raises `ApiError`."""
    session = live(registry, session_id)
    if session is None:
        return False
    session.leave("deleted", SessionEnded(code="deleted", message="The session was deleted."))
    deadline = time.monotonic() + ENDING
    while session_id in registry:
        if time.monotonic() > deadline:
            message = "The call is still ending; try again in a moment."
            raise ApiError(503, "still_ending", message, {"Retry-After": "2"})
        await asyncio.sleep(_ENDED_CHECK)
    return True


def _asked(request: web.Request) -> str:
    """The session that is asked about. Raises `ApiError`, also where the asker may not."""
    session_id = read_path(request, SessionPart).session_id
    require(request, session_id)
    return session_id


def _kept(body: bytes | None) -> web.Response:
    if body is None:
        raise no_such_session()
    return answered_with(body)
