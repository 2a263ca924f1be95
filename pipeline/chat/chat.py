"""The chat: every conversation there is, and the provider that answers in all of them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from math import inf
from weakref import WeakValueDictionary

from models.llm.base import LlmStatus
from pipeline.chat.conversation import Conversation
from pipeline.chat.figures import ChatFigures
from pipeline.chat.provider import Provider
from pipeline.history.history import History, HistoryUnavailable

RECALL = 4.0
"""Seconds that the history is waited for; then a conversation goes on without, and it is asked again the next time."""

AGED_EVERY = 60.0
"""Seconds between two looks for turns that are too old."""

log = logging.getLogger(__name__)

MOST_CONVERSATIONS = 1000
"""Conversations in memory; then the one longest unused is let go, and read from the history when it is asked for."""


class Chat:
    """Owns the conversations and the provider. `run` must be running for anything to be answered."""

    def __init__(
        self,
        provider: Provider,
        history: History,
        figures: ChatFigures,
        max_age: float = inf,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`max_age` is how many seconds a turn is remembered; the history sees to its own. `clock` tells epoch
        seconds."""
        self._max_age, self._clock = max_age, clock
        self.provider = provider
        self._history = history
        self._figures = figures
        self._conversations: dict[str, Conversation] = {}
        self._loading: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._answering: set[Conversation] = set()
        """Not by their ids: one that was forgotten may still be ending as the next of its session begins."""
        self._group: asyncio.TaskGroup | None = None

    @property
    def status(self) -> LlmStatus:
        """How the provider is."""
        return self.provider.status

    @property
    def waiting(self) -> int:
        """Conversations in which something waits or is being answered."""
        return sum(conversation.busy for conversation in self._conversations.values())

    async def run(self) -> None:
        """Answer until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                aging = group.create_task(self._age(), name="chat: age")
                try:
                    await self.provider.run()
                finally:
                    aging.cancel()
                    self._group = None
        finally:
            for conversation in self._answering:  # theirs were cancelled, some before they began
                conversation.end()
            self._answering.clear()

    async def conversation(self, session_id: str, *, fresh: bool = False) -> Conversation:
        """The conversation of a session, with what the history holds of it; a new one for an id that is not known.

        The history is not asked for a `fresh` id, which was made just now.
        """
        lock = self._loading.setdefault(session_id, asyncio.Lock())
        async with lock:
            known = self._conversations.get(session_id)
            if known is None:
                known = Conversation(session_id, self.provider, self._history, self._figures, self._wake)
                known.recalled = fresh
            if not known.recalled:
                await self._recall(known)
            if self._loading.get(session_id) is lock:
                self._conversations.pop(session_id, None)
                self._conversations[session_id] = known  # the newest is the last
                self._let_go()
                return known
        # It was forgotten in the meantime: what was read of it may be gone by now.
        return await self.conversation(session_id)

    async def _recall(self, conversation: Conversation) -> None:
        try:
            async with asyncio.timeout(RECALL):
                conversation.recall(await self._history.turns(conversation.session_id))
        except (HistoryUnavailable, TimeoutError) as error:
            why = str(error) or "it takes too long"
            # No warning: it comes with each message, and the history has warned of itself.
            log.info("session %s: its chat cannot be read: %s", conversation.session_id, why)

    async def _age(self) -> None:
        while True:
            await asyncio.sleep(AGED_EVERY)
            self.age()

    def age(self) -> None:
        """Drop from memory what is too old."""
        for conversation in self._conversations.values():
            conversation.age(self._clock() - self._max_age)

    def leave(self, session_id: str) -> None:
        """Stop what is under way in a conversation, of which what was read is kept. Unknown ids are fine."""
        conversation = self._conversations.get(session_id)
        if conversation is not None:
            conversation.stop_all()
            if not conversation.busy:
                del self._conversations[session_id]

    def forget_moods(self, session_id: str) -> None:
        """Drop from memory what the model was told of a person's expressions. Unknown ids are fine."""
        conversation = self._conversations.get(session_id)
        if conversation is not None:
            conversation.forget_moods()

    def forget(self, session_id: str) -> None:
        """Stop what is under way in a conversation, of which nothing is kept any more, and drop it from memory. Unknown
        ids are fine."""
        self._loading.pop(session_id, None)
        conversation = self._conversations.pop(session_id, None)
        if conversation is not None:
            conversation.abandon()

    def _let_go(self) -> None:
        for session_id, conversation in list(self._conversations.items()):
            if len(self._conversations) <= MOST_CONVERSATIONS:
                return
            if not conversation.busy:
                del self._conversations[session_id]

    def _wake(self, conversation: Conversation) -> None:
        if self._group is None:
            conversation.end()
        elif conversation not in self._answering:
            self._answering.add(conversation)
            self._group.create_task(self._answer(conversation), name=f"chat {conversation.session_id}")

    async def _answer(self, conversation: Conversation) -> None:
        while conversation.busy:
            try:
                await conversation.answer()
            except Exception:  # one conversation's supervisor: no other may suffer
                log.exception("an answer in the chat of session %s failed", conversation.session_id)
        self._answering.discard(conversation)
