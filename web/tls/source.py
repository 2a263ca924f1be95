"""Where the server's certificate comes from: the local authority, or two files of the operator's own."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from web.tls.cover import Cover
from web.tls.issuer import Issuer
from web.tls.pair import Pair


class Source(Protocol):
    """A source of pairs."""

    @property
    def issuer(self) -> Issuer | None:
        """The authority that devices are to trust, None where it is nobody of ours."""

    def look(self, cover: Cover, now: datetime) -> Pair | None:
        """A pair for `cover`, None where the one that was given last still serves. Blocks. Raises `NoPair`, and
        `OSError` for files that cannot be read or written."""
