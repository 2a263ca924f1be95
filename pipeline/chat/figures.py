"""The figures that a chat is told to."""

from __future__ import annotations

from typing import Protocol

from models.llm.base import Code, Finish


class ChatFigures(Protocol):
    """Whoever counts answers."""

    def answered(self, total_ms: float, finish: Finish, code: Code | None) -> None:
        """A message was answered, or could not be; milliseconds from the question to the end."""
