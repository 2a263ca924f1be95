"""The reply: what becomes of one message, from its acceptance to the last word of the answer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from models.base import Language
from models.llm.base import Delta, Done
from pipeline.history.records import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person says. `mood` is what the model is told of their expressions with it, None for nothing; `kind` is
    that of the session, should the history not know it yet."""

    message_id: str
    text: str
    mood: str | None = None
    language: Language = "en"
    kind: Kind = "chat"


class Reply:
    """`kept` tells whether the message is in the history, `ahead` how many were to be answered before it, `at` when it
    was taken, in epoch seconds. `answer_kept` and `answered_at` say the same of the answer, once it is there."""

    def __init__(self, said: Said, *, ahead: int, at: float) -> None:
        self.said = said
        self.ahead = ahead
        self.at = at
        self.kept = False
        self.answer_kept = False
        self.answered_at = at
        self.accepted = asyncio.Event()
        self.asked = False
        """Whether the provider has been given it."""
        self.stopping = asyncio.Event()
        """Set to end the answer early."""
        self.done: Done | None = None
        self._waiting: deque[Delta] = deque()
        self._news = asyncio.Event()

    @property
    def message_id(self) -> str:
        return self.said.message_id

    def add(self, delta: Delta) -> None:
        """More of the answer. What its reader has not taken yet grows as one, so that it is never more than one."""
        if self._waiting:
            delta = replace(delta, text=self._waiting.pop().text + delta.text)
        self._waiting.append(delta)
        self._news.set()

    def finish(self, done: Done, *, kept: bool, at: float) -> None:
        """The end of the answer; the first counts."""
        if self.done is None:
            self.done, self.answer_kept, self.answered_at = done, kept, at
            self._news.set()

    async def events(self) -> AsyncIterator[Delta | Done]:
        """The answer as it comes, for one reader; `Done` is the last."""
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            if self.done is not None:
                yield self.done
                return
            self._news.clear()
            await self._news.wait()
