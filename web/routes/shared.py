"""What operations of several kinds answer and refuse with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from web.operations import EMPTY, Content, media

HISTORY = (
    "history_starting",
    "history_locked",
    "history_damaged",
    "history_unreachable",
    "history_full",
    "history_busy",
    "history_failed",
    "history_refused",
    "history_too_long",
)
"""With what the history refuses while it is in trouble."""

SESSION: Mapping[int, Sequence[str]] = {404: ("no_such_session",), 503: HISTORY}
"""What is refused of what is kept of a session."""


def sent(*types: str) -> dict[int, Content]:
    """A file of one of these types, whole or in part, or that it has not changed."""
    return {200: media(*types), 206: media(*types), 304: EMPTY, 412: EMPTY, 416: EMPTY}
