"""The table of all operations of the HTTP interface, from which its routes and its document are made."""

from __future__ import annotations

from web.routes.calls import CALLS
from web.routes.chat import CHAT
from web.routes.clips import CLIPS
from web.routes.engines import ENGINES
from web.routes.recordings import RECORDINGS
from web.routes.server import SERVER
from web.routes.sessions import SESSIONS
from web.routes.trust import TRUST
from web.routes.whip import PUBLISHING

OPERATIONS = (*SERVER, *TRUST, *CALLS, *PUBLISHING, *SESSIONS, *CLIPS, *RECORDINGS, *CHAT, *ENGINES)
