"""What happens in a session as it happens, as server-sent events: for programs, which have no data channel."""

from __future__ import annotations

import logging
import re
from contextlib import aclosing

from aiohttp import web
from pydantic import BaseModel

from web.authority import SessionPart, no_such_session, require
from web.errors import ApiError
from web.events import EventStream
from web.keys import REGISTRY
from web.reading import read_path
from web.sessions import live
from webrtc.feed import Reader, TooManyReaders
from webrtc.session import Session

log = logging.getLogger(__name__)


class Skipped(BaseModel):
    """What a reader missed that was too slow, or away for too long."""

    count: int


async def session_events(request: web.Request) -> web.StreamResponse:
    """`GET /api/sessions/<id>/events`: labels, clips, notices and the end of a call that goes on. Begins with how the
    call is, or after `Last-Event-ID`."""
    session_id = read_path(request, SessionPart).session_id
    require(request, session_id)
    session = live(request.app[REGISTRY], session_id)
    if session is None:
        raise no_such_session()
    after = _last_read(request)
    feed = session.outbox.feed
    try:
        reader = feed.read(after)
    except TooManyReaders:
        message = "Too many read along in this call already; try again in a moment."
        raise ApiError(503, "too_many_readers", message, {"Retry-After": "5"}) from None
    stream = EventStream(request)
    try:
        await _tell(stream, session, reader, begins=after is None)
    except ConnectionResetError:
        log.info("%s %s: whoever read has gone", request.method, request.path)
    finally:
        feed.leave(reader)
    return stream.response


async def _tell(stream: EventStream, session: Session, reader: Reader, *, begins: bool) -> None:
    await stream.open()
    if begins:
        await stream.send("session_status", session.status())
    async with aclosing(stream.follow(reader.messages())) as events:
        async for told in events:
            if told.skipped:
                await stream.send("skipped", Skipped(count=told.skipped))
            await stream.send(told.message.type, told.message, told.number)


def _last_read(request: web.Request) -> int | None:
    """The number of the last event that a reader had who comes back."""
    said = request.headers.get("Last-Event-ID", "")
    return int(said) if re.fullmatch(r"[0-9]{1,15}", said) else None
