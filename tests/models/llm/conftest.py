"""The chat process's answers in this process, over a line that a test holds the other end of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from models import refusal
from models.llm import answers as answers_module
from models.llm.answers import Answers
from models.llm.base import Ask, ChatTurn, Delta, Done, LlmConfig, LlmError, LlmStatus, Stop
from tests.openai_server import OpenAIServer

KEY = "sk-very-secret-0123456789"


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little to wait for between attempts."""
    monkeypatch.setattr(refusal, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(answers_module, "PROBE_PAUSE", 0.02)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


class Line:
    """The server's end. `statuses` are those that were said, in their order."""

    def __init__(self) -> None:
        self._in: asyncio.Queue[object] = asyncio.Queue()
        self._out: dict[int, asyncio.Queue[Delta | Done]] = {}
        self.statuses: list[LlmStatus] = []
        self.told = asyncio.Event()
        self._last_id = 0

    async def read(self) -> object:
        return await self._in.get()

    async def write(self, *messages: object) -> None:
        for message in messages:
            if isinstance(message, LlmStatus):
                self.statuses.append(message)
                self.told.set()
            else:
                self._out[message.ask_id].put_nowait(message)

    @property
    def status(self) -> LlmStatus:
        return self.statuses[-1]

    def ask(self, *texts: str, mood: str | None = None, language: str = "en") -> int:
        """What user and assistant said in turn, the user last. Returns the question's id."""
        roles = ("assistant", "user")
        turns = tuple(ChatTurn(role=roles[(len(texts) - at) % 2], text=text) for at, text in enumerate(texts))
        self._last_id += 1
        self._out[self._last_id] = asyncio.Queue()
        self._in.put_nowait(Ask(ask_id=self._last_id, turns=turns, mood=mood, language=language))
        return self._last_id

    def stop(self, ask_id: int) -> None:
        self._in.put_nowait(Stop(ask_id=ask_id))

    def hang_up(self) -> None:
        self._in.put_nowait(None)

    async def next(self, ask_id: int) -> Delta | Done:
        async with asyncio.timeout(10):
            return await self._out[ask_id].get()

    async def done(self, ask_id: int) -> Done:
        """The end of an answer, whose deltas make up its text."""
        text = ""
        while isinstance(item := await self.next(ask_id), Delta):
            assert item.text
            text += item.text
        assert item.text == text and self._out[ask_id].empty()
        return item

    async def answered(self, *texts: str, **said: str) -> Done:
        return await self.done(self.ask(*texts, **said))

    async def until(self, available: bool) -> LlmStatus:
        """The status, once it is so."""
        async with asyncio.timeout(10):
            while (
                not self.statuses
                or self.status.available is not available
                or not (self.status.available or self.status.code)
            ):
                self.told.clear()
                await self.told.wait()
        return self.status


@asynccontextmanager
async def answering(config: LlmConfig) -> AsyncIterator[Line]:
    line = Line()
    task = asyncio.create_task(Answers(config, line).run())
    try:
        yield line
    finally:
        line.hang_up()
        await task


@pytest.fixture
async def line(server: OpenAIServer) -> AsyncIterator[Line]:
    """Of a provider that is asked already."""
    async with answering(LlmConfig(base_url=server.url)) as line:
        await line.until(available=True)
        yield line


async def failure(line: Line, *texts: str, language: str = "en") -> LlmError:
    done = await line.answered(*texts or ("Hello",), language=language)
    assert done.finish == "failed" and done.error is not None
    return done.error
