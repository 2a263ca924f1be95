"""What the audit log is told of a request: who asked, from where, and about what."""

from __future__ import annotations

from aiohttp import web

from pipeline.audit import Event, Who
from web.authority import has_token
from web.client import client_of, from_this_machine
from web.keys import ASKER, AUDIT


def note(
    request: web.Request,
    event: Event,
    *,
    session_id: str | None = None,
    file: str | None = None,
    what: str | None = None,
) -> None:
    """Put a line about a request that was done."""
    request.app[AUDIT].put(
        event,
        who=_who(request, session_id),
        address=client_of(request).address,
        session_id=session_id,
        file=file,
        what=what,
    )


def _who(request: web.Request, session_id: str | None) -> Who | None:
    """As far as it shows: whoever has a session's token is its caller, also on this machine."""
    if session_id is not None and has_token(request, session_id):
        return "caller"
    if from_this_machine(request):
        return "this machine"
    return request[ASKER].role if ASKER in request else None
