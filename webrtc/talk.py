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
        self._replies: asyncio.Queue[Reply] = asyncio.Queue()  # no longer than what waits in the conversation
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

    async def run(self) -> None:
        """Talk until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take())
            group.create_task(self._tell())

    def _stop(self, message_id: str | None) -> None:
        stopped = self._conversation is not None and self._conversation.stop(message_id)
        wanted = message_id or self._taking
        if not stopped and wanted is not None and (wanted == self._taking or not self._unread.empty()):
            self._stopped.add(wanted)

    async def _take(self) -> None:
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
                await self._say(self._conversation, message)
            except ChatRefused as refusal:
                self._refuse(refusal, message.message_id)
            self._taking = None
            if self._unread.empty():
                self._stopped.clear()

    async def _say(self, conversation: Conversation, message: messages.Chat) -> None:
        mood = self._mood(self.language) if message.mood else None
        said = Said(
            message_id=message.message_id, text=message.text, mood=mood, language=self.language, kind="call"
        )
        reply = await conversation.say(said)
        self._outbox.send(accepted(reply))
        self._replies.put_nowait(reply)
        if message.message_id in self._stopped:
            conversation.stop(message.message_id)

    async def _tell(self) -> None:
        """Answers come in the order of the messages: one is told after the other."""
        while True:
            reply = await self._replies.get()
            async for event in reply.events():
                if isinstance(event, Delta):
                    self._outbox.send(messages.ChatDelta(message_id=reply.message_id, text=event.text))
                else:
                    self._outbox.send(done(reply, event))

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
