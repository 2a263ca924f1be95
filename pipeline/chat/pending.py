"""An answer on its way from the chat process to whoever asked: text that is not taken in time is joined, never lost."""

from __future__ import annotations

import asyncio
import time

from models.base import Language
from models.llm.base import ChatLatency, Code, Delta, Done, Finish, LlmError
from models.llm.plain import plain
from models.llm.words import Trouble, words


class Pending:
    """Filled by the process's messages, emptied by one reader. It holds no more than the answer's text."""

    def __init__(self, ask_id: int, language: Language) -> None:
        self._ask_id = ask_id
        self._language = language
        self._text: list[str] = []
        self._taken = 0
        self._done: Done | None = None
        self._news = asyncio.Event()
        self._began = time.monotonic()
        self._first: float | None = None
        self.asked = False
        """Whether the process has the question."""

    @property
    def over(self) -> bool:
        """Whether its end is known."""
        return self._done is not None

    def add(self, delta: Delta) -> None:
        """More of it."""
        if self._first is None:
            self._first = self._elapsed()
        self._text.append(delta.text)
        self._news.set()

    def finish(self, done: Done) -> None:
        """The end of it. The first one said counts."""
        if self._done is None:
            self._done = done
            self._news.set()

    def end(self, finish: Finish, code: Code | None = None) -> None:
        """End it here, with what there is of it as plain text."""
        text = "".join(self._text)
        error = LlmError(code=code, message=words(Trouble(code=code), self._language)) if code else None
        self.finish(
            Done(
                ask_id=self._ask_id,
                text=text,
                html=plain(text),
                finish=finish,
                error=error,
                model=None,
                latency=ChatLatency(first=self._first, total=self._elapsed()),
                usage=None,
            )
        )

    async def next(self) -> Delta | Done:
        """All the text that has come since, or the end."""
        while True:
            if self._taken < len(self._text):
                text = "".join(self._text[self._taken :])
                self._taken = len(self._text)
                return Delta(ask_id=self._ask_id, text=text)
            if self._done is not None:
                return self._done
            self._news.clear()
            await self._news.wait()

    def _elapsed(self) -> float:
        return (time.monotonic() - self._began) * 1000
