"""The chat's provider as the server sees it: asked in a process of its own, its answers handed on as they come."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from itertools import accumulate, takewhile
from typing import Any

from models.base import Language
from models.llm.base import Ask, ChatTurn, Code, Delta, Done, LlmConfig, LlmStatus, Stop
from models.llm.place import is_configured, named_model, place_of
from models.llm.tokens import LATIN_CHARACTERS
from models.llm.words import Trouble, words
from pipeline.chat.pending import Pending
from pipeline.service import Service, ServiceDown

COMMAND = (sys.executable, "-m", "models.llm.worker")

UP_WITHIN = 10.0
"""Seconds that a question waits for a process to ask."""

STOPPED_WITHIN = 2.0
"""Seconds in which an answer that was stopped is over, whatever the process does."""

log = logging.getLogger(__name__)


class Provider:
    """Asks for answers. `run` must be running for any to come.

    Nothing is started, and nothing sent anywhere, where neither a key nor an address is set.
    """

    def __init__(self, config: LlmConfig, command: tuple[str, ...] = COMMAND) -> None:
        """Raises `ValueError` for an address that cannot be one."""
        self._config = config
        self._place = place_of(config)
        self._configured = is_configured(config)
        self._service = Service("chat", command, lambda: config, self._heard, self._lost)
        self._up = asyncio.Event()
        self._pending: dict[int, Pending] = {}
        self._next_id = 0
        if self._configured:
            self._status = self._unavailable(None, "The chat's process is being started.")
        else:
            self._status = LlmStatus(
                available=False, code="chat_no_key", reason=words(Trouble(code="chat_no_key"), "en")
            )

    @property
    def status(self) -> LlmStatus:
        """How the provider is, as far as is known: it is asked at the start, after a failure every while, and what
        becomes of each answer tells too. Without a code it is not known yet."""
        return self._status

    @property
    def pid(self) -> int | None:
        """Of the chat process."""
        return self._service.pid

    @property
    def restarts(self) -> int:
        """How often the chat process was started again."""
        return self._service.restarts

    @property
    def under_way(self) -> int:
        """Answers that are being read."""
        return len(self._pending)

    async def run(self) -> None:
        """Keep the process alive, where anything is configured, until cancelled."""
        try:
            if self._configured:
                await self._service.run()
            else:
                await asyncio.Event().wait()
        finally:
            self._up.clear()
            if self._configured:
                self._status = self._unavailable(None, "The server is stopping.")
            for pending in self._pending.values():
                pending.end("failed", "chat_restarted")

    async def answer(
        self,
        turns: Sequence[ChatTurn],
        *,
        mood: str | None,
        language: Language,
        stop: asyncio.Event | None = None,
    ) -> AsyncGenerator[Delta | Done, None]:
        """The answer to the last of `turns`, as it comes; the last item is the one `Done`, whatever happens. Closing
        the generator stops the answer. `stop` does so too, and `Done` still comes."""
        ask = Ask(ask_id=self._id(), turns=self._newest(turns), mood=mood, language=language)
        pending = self._pending[ask.ask_id] = Pending(ask.ask_id, language)
        asking = asyncio.ensure_future(self._ask(ask, pending, stop))
        try:
            while True:
                item = await pending.next()
                yield item
                if isinstance(item, Done):
                    return
        finally:
            del self._pending[ask.ask_id]
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            if pending.asked and not pending.over:
                with suppress(ServiceDown):
                    await self._service.send(Stop(ask_id=ask.ask_id))

    # --- one question ----------------------------------------------------------------------------------------

    async def _ask(self, ask: Ask, pending: Pending, stop: asyncio.Event | None) -> None:
        """Give the process a question, and tell it when the answer is to be stopped."""
        if not self._configured:
            pending.end("failed", "chat_no_key")
            return
        stopped: asyncio.Task[Any] | None = asyncio.ensure_future(stop.wait()) if stop is not None else None
        try:
            await self._sent(ask, pending, stopped)
            if stopped is None or pending.over:
                return
            await stopped
            with suppress(ServiceDown):
                await self._service.send(Stop(ask_id=ask.ask_id))
            await asyncio.sleep(STOPPED_WITHIN)
            pending.end("stopped")
        finally:
            if not pending.asked:  # whatever went wrong, nobody will answer it
                pending.end("failed", "chat_restarted")
            if stopped is not None:
                stopped.cancel()
                await asyncio.gather(stopped, return_exceptions=True)

    async def _sent(self, ask: Ask, pending: Pending, stopped: asyncio.Task[Any] | None) -> None:
        """Give the process the question, once there is one. The answer is over where there is none in time."""
        loop = asyncio.get_running_loop()
        until = loop.time() + UP_WITHIN
        while True:
            if not self._up.is_set():
                await self._comes_up(until - loop.time(), stopped)
            if stopped is not None and stopped.done():
                pending.end("stopped")
            if pending.over:
                return
            if not self._up.is_set():
                pending.end("failed", "chat_restarted")
                return
            pending.asked = True
            try:
                await self._service.send(ask)
                return
            except ServiceDown:
                pending.asked = False
                self._up.clear()

    async def _comes_up(self, within: float, stopped: asyncio.Task[Any] | None) -> None:
        """Wait for a process, or until nobody wants the answer."""
        up: asyncio.Task[Any] = asyncio.ensure_future(self._up.wait())
        try:
            waited = [up] if stopped is None else [up, stopped]
            await asyncio.wait(waited, timeout=max(within, 0.0), return_when=asyncio.FIRST_COMPLETED)
        finally:
            up.cancel()
            await asyncio.gather(up, return_exceptions=True)

    def _newest(self, turns: Sequence[ChatTurn]) -> tuple[ChatTurn, ...]:
        """Those that may fit, so that a long conversation is not sent whole each time; the last in any case."""
        room = self._config.context_tokens * LATIN_CHARACTERS
        lengths = accumulate(len(turn.text) for turn in reversed(turns))
        fitting = sum(1 for _ in takewhile(lambda length: length <= room, lengths))
        return tuple(turns[-max(fitting, 1) :])

    def _id(self) -> int:
        self._next_id += 1
        return self._next_id

    # --- the process -----------------------------------------------------------------------------------------

    def _heard(self, message: object) -> None:
        match message:
            case Delta():
                if (pending := self._pending.get(message.ask_id)) is not None and not pending.over:
                    pending.add(message)
            case Done():
                if (pending := self._pending.get(message.ask_id)) is not None:
                    pending.finish(message)
            case LlmStatus():
                self._status = message
                self._up.set()
            case _:
                log.warning("the chat's process said something else: %s", type(message).__name__)

    def _lost(self, _why: str) -> None:
        """Nobody answers what the process was asked. What it was not asked yet waits for the next one."""
        self._up.clear()
        self._status = self._unavailable("chat_restarted", words(Trouble(code="chat_restarted"), "en"))
        for pending in self._pending.values():
            if pending.asked:
                pending.end("failed", "chat_restarted")

    def _unavailable(self, code: Code | None, reason: str) -> LlmStatus:
        return LlmStatus(
            available=False,
            code=code,
            reason=reason,
            model=named_model(self._config),
            sends_to=self._place.sends_to,
        )
