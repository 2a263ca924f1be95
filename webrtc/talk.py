"""The talk: a session's chat as its data channel carries it, from the page's message to the last word of the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from models.base import Language
from models.llm.base import Delta, Done
from pipeline.chat.chat import Chat
from pipeline.chat.conversation import MOST_WAITING, ChatRefused, Conversation
from pipeline.chat.reply import Reply, Said
from webrtc import messages
from webrtc.outbox import Outbox

MOST_UNREAD = 2 * MOST_WAITING
"""Messages of the page that wait to be taken; more are turned away."""


class Talk:
    """Takes what the page says and tells it what comes back. `run` must be running."""

    def __init__(
        self, session_id: str, outbox: Outbox, chat: Chat, mood: Callable[[Language], str | None]
    ) -> None:
        self._session_id = session_id
        self._outbox = outbox
        self._chat = chat
        self._mood = mood
        self._unread: asyncio.Queue[messages.Chat | messages.ChatClear] = asyncio.Queue(MOST_UNREAD)
        self._telling: set[Reply] = set()
        """Those that the page is told of now."""
        self._stopped: set[str] = set()
        """Messages that were stopped before they were taken."""
        self._taking: str | None = None
        """The message that is being taken, which its conversation may not know yet."""
        self._conversation: Conversation | None = None
        self.language: Language = "en"

    def hear(self, message: messages.Chat | messages.ChatStop | messages.ChatClear) -> None:
        """What the page says. Returns at once."""
        if isinstance(message, messages.ChatStop):
            self._stop(message.message_id)
            return
        try:
            self._unread.put_nowait(message)
        except asyncio.QueueFull:
            message_id = message.message_id if isinstance(message, messages.Chat) else None
            self._refuse(
                ChatRefused("chat_busy", "Too many messages wait; try again in a moment."), message_id
            )

    def withhold_mood(self) -> None:
        """Tell the model nothing of expressions with what waits, and the page that this is so."""
        if self._conversation is not None:
            for reply in self._conversation.withhold_mood():
                if reply in self._telling:
                    self._outbox.send(accepted(reply))

    async def run(self) -> None:
        """Talk until cancelled."""
        async with asyncio.TaskGroup() as group:
            await self._take(group)

    def _stop(self, message_id: str | None) -> None:
        stopped = self._conversation is not None and self._conversation.stop(message_id)
        wanted = message_id or self._taking
        if not stopped and wanted is not None and (wanted == self._taking or not self._unread.empty()):
            self._stopped.add(wanted)

    async def _take(self, group: asyncio.TaskGroup) -> None:
        """Take message after message, each once the one before is acknowledged."""
        while True:
            message = await self._unread.get()
            self._taking = message.message_id if isinstance(message, messages.Chat) else None
            self._conversation = await self._chat.conversation(self._session_id)
            if isinstance(message, messages.ChatClear):
                cleared = await self._conversation.clear()
                self._outbox.send(messages.ChatCleared(kept=not cleared))
                continue
            try:
                reply = await self._say(self._conversation, message)
                self._telling.add(reply)
                group.create_task(self._tell(reply))
            except ChatRefused as refusal:
                self._refuse(refusal, message.message_id)
            self._taking = None
            if self._unread.empty():
                self._stopped.clear()

    async def _say(self, conversation: Conversation, message: messages.Chat) -> Reply:
        mood = self._mood(self.language) if message.mood else None
        said = Said(
            message_id=message.message_id, text=message.text, mood=mood, language=self.language, kind="call"
        )
        reply = await conversation.say(said)
        self._outbox.send(accepted(reply))
        if message.message_id in self._stopped:
            conversation.stop(message.message_id)
        return reply

    async def _tell(self, reply: Reply) -> None:
        """The page is told of an answer as it comes, and of its end."""
        async for event in reply.events():
            if isinstance(event, Delta):
                self._outbox.send(messages.ChatDelta(message_id=reply.message_id, text=event.text))
            else:
                self._outbox.send(done(reply, event))
        self._telling.discard(reply)

    def _refuse(self, refusal: ChatRefused, message_id: str | None) -> None:
        self._outbox.send(messages.Error(code=refusal.code, message=str(refusal), message_id=message_id))


def accepted(reply: Reply) -> messages.ChatAccepted:
    """What a page is told of a message that was taken."""
    return messages.ChatAccepted(
        message_id=reply.message_id,
        timestamp=round(reply.at, 3),
        kept=reply.kept,
        mood=reply.said.mood,
        ahead=reply.ahead,
    )


def done(reply: Reply, end: Done) -> messages.ChatDone:
    """What a page is told at the end of an answer."""
    return messages.ChatDone(
        message_id=reply.message_id,
        text=end.text,
        html=end.html,
        finish=end.finish,
        error=end.error and messages.ChatFailure(code=end.error.code, message=end.error.message),
        model=end.model,
        latency=messages.ChatLatency(first=end.latency.first, total=end.latency.total),
        usage=end.usage and messages.ChatUsage(prompt=end.usage.prompt, completion=end.usage.completion),
        timestamp=round(reply.answered_at, 3),
        kept=reply.answer_kept,
    )
