"""The answers that are under way in the chat process, and how the provider is."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from models.base import Language
from models.llm.answer import Answer
from models.llm.base import Ask, Done, Finish, LlmConfig, LlmError, LlmStatus, Stop
from models.llm.client import Client
from models.llm.failure import Failed
from models.llm.health import Health
from models.llm.markdown import Markdown
from models.llm.place import named_model
from models.llm.prompt import laid_out
from models.llm.words import Trouble, words

MOST_AT_ONCE = 256
"""Answers under way; a question beyond them is turned away."""

PROBE_EVERY = 15.0
"""Seconds between attempts to have the list of models, while the provider is unavailable."""

PROBE_ATTEMPTS = 2
PROBE_PAUSE = 0.5

log = logging.getLogger("mien.chat")


class Line(Protocol):
    """How the server is spoken to: `models.pipes.Pipes`."""

    async def read(self) -> object:
        """The next message, None at the end."""

    async def write(self, *messages: object) -> None:
        """Send messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    finish: Finish
    trouble: Trouble | None = None


class Answers:
    """Answers each `Ask` with deltas and one `Done`, and says the status whenever it changes."""

    def __init__(self, config: LlmConfig, line: Line) -> None:
        """Raises `ValueError` for an address that cannot be one."""
        self._config = config
        self._line = line
        self._client = Client(config)
        self._health = Health(self._client.place, named_model(config))
        self._trouble = self._client.failures.trouble
        self._markdown = Markdown()
        self._under_way: dict[int, asyncio.Task[Finish]] = {}
        self._told: LlmStatus | None = None
        self._probing = asyncio.Lock()
        self._probes = 0

    async def run(self) -> None:
        """Answer until nobody asks any more. Raises `OSError` when nobody listens."""
        await self._tell()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = {group.create_task(self._watch(), name="watch")}
                while (message := await self._line.read()) is not None:
                    match message:
                        case Ask():
                            task = group.create_task(self._answer(message), name=f"answer {message.ask_id}")
                            tasks.add(task)
                            task.add_done_callback(tasks.discard)
                            await asyncio.sleep(0)  # begun, it can be stopped by a word that has come already
                        case Stop():
                            if (reading := self._under_way.get(message.ask_id)) is not None:
                                reading.cancel()
                for task in tasks:
                    task.cancel()
        finally:
            await self._client.close()

    # --- answers ---------------------------------------------------------------------------------------------

    async def _answer(self, ask: Ask) -> None:
        turns = laid_out(
            ask.turns,
            system=self._config.system_prompt,
            mood=ask.mood,
            context_tokens=self._config.context_tokens,
        )
        answer = Answer(ask, turns, self._client, self._line.write)
        end = await self._end_of(ask, answer)
        text, latency = answer.text, answer.latency
        done = Done(
            ask_id=ask.ask_id,
            text=text,
            html=await asyncio.to_thread(
                self._markdown.html, text
            ),  # two thousand characters may take a second
            finish=end.finish,
            error=_error(end.trouble, ask.language),
            model=self._health.model,
            latency=latency,
            usage=answer.usage,
        )
        await self._line.write(*answer.rest(), done)
        await self._tell()

    async def _end_of(self, ask: Ask, answer: Answer) -> _End:
        """Read an answer to its end, whichever that is."""
        if len(self._under_way) >= MOST_AT_ONCE:
            return _End(finish="failed", trouble=self._trouble("chat_rate_limited"))
        reading = asyncio.ensure_future(self._read(answer))
        self._under_way[ask.ask_id] = reading
        try:
            await asyncio.wait([reading])
        finally:
            del self._under_way[ask.ask_id]
            reading.cancel()
            await asyncio.wait([reading])
        if reading.cancelled():
            return _End(finish="stopped")
        match reading.exception():
            case None:
                return _End(finish=reading.result())
            case Failed(trouble=trouble):
                return _End(finish="failed", trouble=trouble)
            case error:
                log.error("an answer failed", exc_info=error)
                return _End(finish="failed", trouble=self._trouble("chat_server_error"))

    async def _read(self, answer: Answer) -> Finish:
        if self._health.model is None:
            await self._probe()
        if self._health.model is None:
            raise Failed(self._health.trouble or self._trouble("chat_no_model"))
        try:
            finish = await answer.run(self._health.model)
        except Failed as error:
            self._health.failed(error.trouble)
            raise
        self._health.answered()
        return finish

    # --- how the provider is ---------------------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            if self._health.wants_asking:
                await self._probe()
            await asyncio.sleep(PROBE_EVERY)

    async def _probe(self) -> None:
        """Ask for the list of models. Those who want that at a time share one answer."""
        before = self._probes
        async with self._probing:
            if self._probes > before:
                return
            try:
                models = await self._listed()
            except Failed as error:
                self._health.unlisted(error.trouble)
            else:
                self._health.listed(models, self._trouble("chat_no_model", no_v1=models is None))
            self._probes += 1
        await self._tell()

    async def _listed(self) -> list[str] | None:
        for attempt in count(1):
            try:
                return await self._client.models()
            except Failed as error:
                if error.again is None or attempt == PROBE_ATTEMPTS:
                    raise
                await asyncio.sleep(PROBE_PAUSE)
        raise AssertionError("count has no end")

    async def _tell(self) -> None:
        if self._health.status != self._told:
            self._told = self._health.status
            await self._line.write(self._told)


def _error(trouble: Trouble | None, language: Language) -> LlmError | None:
    return LlmError(code=trouble.code, message=words(trouble, language)) if trouble else None
