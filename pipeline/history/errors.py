"""What can be wrong with the history, for those who ask it."""

from __future__ import annotations


class HistoryUnavailable(Exception):
    """The database cannot be read or written at the moment. `code` is stable, the message says why in one line."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class HistoryRefused(Exception):
    """The database is not one that this version may touch. The message says why and what to do, in one sentence."""
