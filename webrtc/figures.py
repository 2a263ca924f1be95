"""The figures that sessions are told to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pipeline.chat.figures import ChatFigures

if TYPE_CHECKING:
    from webrtc.session import Session


class Figures(ChatFigures, Protocol):
    """Whoever counts what happens in calls."""

    def looked(self, engine: str, total_ms: float) -> None:
        """A window was answered for; milliseconds from its end to the answer."""

    def ended(self, session: Session) -> None:
        """A session is over: what it counted is to be kept."""
