"""Who may ask about a session: this machine, and whoever has the session's token."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, Field

from web.errors import ApiError
from web.keys import TOKENS
from web.security import from_this_machine

SessionId = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
Token = Annotated[str, Field(max_length=200)]

_BEARER = "bearer "


class SessionPart(BaseModel):
    session_id: Annotated[SessionId, Field(examples=["0a1b2c3d4e5f"])]


def no_such_session() -> ApiError:
    """The one answer for a session that is not there and for one that is not the asker's, so that neither tells."""
    return ApiError(404, "no_such_session", "There is no session with this id and token.")


def may_ask(request: web.Request, session_id: str, token: str | None = None) -> bool:
    """Whether the request is from this machine, or carries the session's token as a bearer or as `token`."""
    return from_this_machine(request) or is_caller(request, session_id, token)


def is_caller(request: web.Request, session_id: str, token: str | None = None) -> bool:
    """Whether the request carries the session's token, which only callers are given."""
    header = request.headers.get("Authorization", "")
    if token is None and header[: len(_BEARER)].lower() == _BEARER:
        token = header[len(_BEARER) :].strip()
    return token is not None and request.app[TOKENS].proves(session_id, token)


def require(request: web.Request, session_id: str) -> None:
    """Raises `ApiError` unless the request may ask about the session."""
    if not may_ask(request, session_id):
        raise no_such_session()
