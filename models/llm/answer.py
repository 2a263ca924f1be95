"""One answer: asked for, again where that may help before its first word, and handed on as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from itertools import count
from time import perf_counter

from models.llm.base import Ask, ChatLatency, ChatTurn, Code, Delta, Finish, Usage
from models.llm.client import Client
from models.llm.failure import Failed
from models.llm.thoughts import Thoughts
from models.llm.tokens import newer_half
from models.refusal import ATTEMPTS, pause_before

MOST_CHARACTERS = 32_000
"""Of an answer, which ends there."""

FIRST_WITHIN = 60.0
"""Seconds to the first word or thought, all attempts together."""

NEXT_WITHIN = 30.0
"""Seconds from one to the next."""

APART = 0.02
"""Seconds between deltas, after the first: people read no faster, and the server has much to do."""


class Answer:
    """The answer to one `Ask`. What has come of it can be had at any time, also after a failure."""

    def __init__(
        self, ask: Ask, turns: Sequence[ChatTurn], client: Client, say: Callable[[Delta], Awaitable[None]]
    ) -> None:
        """`turns` are those of the conversation that are sent along."""
        self._ask = ask
        self._turns = turns
        self._client = client
        self._say = say
        self._pieces: list[str] = []
        self._length = 0
        self._waiting: list[str] = []  # bounded by the longest answer
        self._news = asyncio.Event()
        self._began = perf_counter()
        self._first: float | None = None
        self.usage: Usage | None = None

    @property
    def text(self) -> str:
        """All so far."""
        return "".join(self._pieces)

    @property
    def latency(self) -> ChatLatency:
        """Up to now."""
        return ChatLatency(first=self._first, total=self._elapsed())

    async def run(self, model: str) -> Finish:
        """Read the answer to its end, handing it on as it comes. Raises `Failed`."""
        handing_on = asyncio.ensure_future(self._hand_on())
        try:
            return await self._read(model)
        finally:
            handing_on.cancel()
            await asyncio.gather(handing_on, return_exceptions=True)

    def rest(self) -> list[Delta]:
        """What has not been handed on: a delta, or none."""
        text = "".join(self._waiting)
        self._waiting.clear()
        return [Delta(ask_id=self._ask.ask_id, text=text)] if text else []

    async def _hand_on(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            for delta in self.rest():
                await self._say(delta)
            await asyncio.sleep(APART)

    async def _read(self, model: str) -> Finish:
        try:
            async with asyncio.timeout(FIRST_WITHIN) as patience:
                return await self._attempts(model, patience)
        except TimeoutError:
            code: Code = "chat_cut_off" if self._length else "chat_too_slow"
            raise Failed(self._client.failures.trouble(code, model=model)) from None

    async def _attempts(self, model: str, patience: asyncio.Timeout) -> Finish:
        turns, halved = self._turns, False
        for attempt in count(1):
            try:
                return await self._attempt(turns, model, patience)
            except Failed as error:
                if self._length:  # what is wrong with the connection is no news of whether it can be made
                    raise Failed(replace(error.trouble, code="chat_cut_off", wait=None)) from None
                half = newer_half(turns) if error.trouble.code == "chat_too_long" and not halved else None
                if half is not None:
                    turns, halved = half, True
                    continue
                if error.again is None or attempt >= ATTEMPTS:
                    raise
                await asyncio.sleep(max(error.again, pause_before(attempt)))
        raise AssertionError("count has no end")

    async def _attempt(self, turns: Sequence[ChatTurn], model: str, patience: asyncio.Timeout) -> Finish:
        loop = asyncio.get_running_loop()
        thoughts, finish, last = Thoughts(), None, False
        async with aclosing(self._client.stream(turns, self._ask.mood, model)) as chunks:
            async for chunk in chunks:
                if chunk.error is not None:
                    raise self._client.failures.of_body(chunk.error, model)
                if chunk.text or chunk.thinks:
                    patience.reschedule(loop.time() + NEXT_WITHIN)
                    self._take(thoughts.feed(chunk.text))
                if self._length >= MOST_CHARACTERS:
                    return "length"
                finish, last = chunk.finish or finish, last or chunk.last
                self.usage = chunk.usage or self.usage
        self._take(thoughts.end())
        return self._ended(finish, last, model)

    def _ended(self, finish: str | None, last: bool, model: str) -> Finish:
        trouble = self._client.failures.trouble
        if finish is None and not last:
            raise Failed(trouble("chat_cut_off", model=model))
        if finish == "content_filter":
            code: Code = "chat_cut_off" if self._length else "chat_refused"
            raise Failed(trouble(code, finish, model))
        if not self._length:
            raise Failed(trouble("chat_empty", model=model))
        return "length" if finish == "length" else "complete"

    def _take(self, text: str) -> None:
        text = text[: MOST_CHARACTERS - self._length]
        if not text:
            return
        if self._first is None:
            self._first = self._elapsed()
        self._length += len(text)
        self._pieces.append(text)
        self._waiting.append(text)
        self._news.set()

    def _elapsed(self) -> float:
        return (perf_counter() - self._began) * 1000
