"""The states that a page is told of with every status: the engines', the chat's and the history's."""

from __future__ import annotations

from dataclasses import asdict

from webrtc import messages
from webrtc.services import Services


class States:
    """As messages have them, at the moment of asking."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @property
    def engines(self) -> list[messages.Engine]:
        return [messages.Engine(**asdict(engine)) for engine in self._services.analysis.engines]

    @property
    def chat(self) -> messages.ChatState:
        return messages.ChatState(**asdict(self._services.chat.status))

    @property
    def history(self) -> messages.HistoryState:
        status = self._services.history.status
        return messages.HistoryState(available=status.available, code=status.code, reason=status.reason)

    def all(self) -> tuple[object, ...]:
        """What a page is told anew when it changes."""
        return self._services.analysis.engines, self.chat, self.history
