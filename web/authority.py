"""Who may ask about a session: its own caller, whoever has its token, and the operator."""

from __future__ import annotations

import time
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, Field

from web.access import Asker
from web.errors import ApiError
from web.keys import ASKER, OWNERSHIP, TOKENS

SessionId = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
Token = Annotated[str, Field(max_length=200)]

_BEARER = "bearer "


class SessionPart(BaseModel):
    session_id: Annotated[SessionId, Field(examples=["0a1b2c3d4e5f60718293a4b5"])]


def asker(request: web.Request) -> Asker:
    """Who asks, as the guard has found."""
    return request[ASKER]


def no_such_session() -> ApiError:
    """The one answer for a session that is not there and for one that is not the asker's, so that neither tells."""
    return ApiError(404, "no_such_session", "There is no session with this id that you may see.")


def may_ask(request: web.Request, session_id: str, token: str | None = None) -> bool:
    """Whether a session is the asker's, by who they are or by the session's token as a bearer or as `token`."""
    return sees(request, session_id) or has_token(request, session_id, token)


def sees(request: web.Request, session_id: str) -> bool:
    """Whether the asker is the operator or the session's own caller."""
    who = asker(request)
    return who.operates or request.app[OWNERSHIP].owns(who.caller, session_id)


def has_token(request: web.Request, session_id: str, token: str | None = None) -> bool:
    """Whether the request carries the session's token."""
    token = bearer_of(request) if token is None else token
    return token is not None and request.app[TOKENS].proves(session_id, token, time.time())


def bearer_of(request: web.Request) -> str | None:
    """What is sent as a bearer; None for nothing."""
    header = request.headers.get("Authorization", "")
    return header[len(_BEARER) :].strip() if header[: len(_BEARER)].lower() == _BEARER else None


def require(request: web.Request, session_id: str) -> None:
    """Raises `ApiError` unless the request may ask about the session."""
    if not may_ask(request, session_id):
        raise no_such_session()


def require_operator(request: web.Request) -> None:
    """Raises `ApiError` unless the operator asks."""
    if not asker(request).operates:
        raise ApiError(403, "operator_only", "This is for the operator: enter the operator's code at /code.")
