"""Where a page of sessions ends, as a word that the reader of one hands back for the next."""

from __future__ import annotations

import base64
import json
import math
from binascii import Error


def cursor(began_at: float, session_id: str) -> str:
    """A word for a session, safe in a URL."""
    return base64.urlsafe_b64encode(json.dumps([began_at, session_id]).encode()).decode().rstrip("=")


def place(word: str) -> tuple[float, str]:
    """The beginning and the id of the session. Raises `ValueError` for what is no cursor."""
    try:
        found = json.loads(base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True))
    except (Error, ValueError, RecursionError) as error:
        raise ValueError("before: it was not given out by this server") from error
    match found:
        case [float() | int() as began_at, str() as session_id] if not isinstance(began_at, bool):
            if math.isfinite(began_at):
                return float(began_at), session_id
    raise ValueError("before: it was not given out by this server")
