"""The outbox: what goes to the page, numbered, in order, and never more than a slow page can take."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Protocol

from webrtc.feed import Feed
from webrtc.messages import ChatDelta, ChatDone, ServerMessage

HIGH_WATER = 128 * 1024
"""Bytes in the channel's own buffer above which messages wait here instead."""

MAX_WAITING = 200
"""Messages that wait here at most; then the oldest are dropped."""

NEWEST_WINS = frozenset({"pong", "session_status", "emotion_result"})
"""Types of which an older one is worthless: while they wait, only the newest is kept."""


SHORTENED = 4000
"""Characters of an answer that are sent where all of it is too long for the page's end of the channel."""


class Channel(Protocol):
    """What the outbox needs of an `RTCDataChannel`."""

    @property
    def readyState(self) -> str: ...

    @property
    def bufferedAmount(self) -> int: ...

    def send(self, data: str) -> None:
        """Raises `ValueError` for what is longer than the other end takes (RFC 8841, section 6)."""


class Outbox:
    """Sends messages over a channel with a bounded buffer, and to those who read along in `feed`. `dropped` counts what
    was not sent over the channel; with `has_page` false there will never be one."""

    def __init__(self) -> None:
        self.feed = Feed()
        self.has_page = True
        self._channel: Channel | None = None
        self._waiting: deque[ServerMessage] = deque()
        self._seq = 0
        self.dropped = 0

    def open(self, channel: Channel) -> None:
        """Begin to send over `channel`."""
        self._channel = channel

    @property
    def is_open(self) -> bool:
        """Whether there is a page to send to."""
        return self._channel is not None and self._channel.readyState == "open"

    def send(self, message: ServerMessage) -> None:
        """Send now, or as soon as the channel has room. Without an open channel the message is dropped."""
        self.feed.tell(message)
        if not self.is_open:
            self.dropped += self.has_page
            return
        if message.type in NEWEST_WINS:
            stale = [other for other in self._waiting if other.type == message.type]
            for other in stale:
                self._waiting.remove(other)
            self.dropped += len(stale)
        elif isinstance(message, ChatDelta | ChatDone):
            message = self._joined(message)
        self._waiting.append(message)
        if len(self._waiting) > MAX_WAITING:
            self._waiting.popleft()
            self.dropped += 1
        self.flush()

    def drop(self, kind: str) -> None:
        """Of the messages of a type none that waits is sent any more."""
        self.feed.drop(kind)
        for message in [each for each in self._waiting if each.type == kind]:
            self._waiting.remove(message)
            self.dropped += 1

    def _joined(self, message: ChatDelta | ChatDone) -> ServerMessage:
        """A piece of an answer together with those before it that wait; its end, which has it all, without them."""
        pieces = [
            other
            for other in self._waiting
            if isinstance(other, ChatDelta) and other.message_id == message.message_id
        ]
        for piece in pieces:
            self._waiting.remove(piece)
        if isinstance(message, ChatDone):
            return message
        return message.model_copy(update={"text": "".join(each.text for each in (*pieces, message))})

    def flush(self) -> None:
        """Send what waits while the channel has room: to be called when its buffer has drained."""
        channel = self._channel
        while self._waiting and channel is not None and channel.readyState == "open":
            if channel.bufferedAmount > HIGH_WATER:
                return
            if not self._sent(channel, self._waiting.popleft()):
                self.dropped += 1

    def _sent(self, channel: Channel, message: ServerMessage) -> bool:
        for form in _forms(message):
            try:
                channel.send(form.model_dump_json()[:-1] + f',"seq":{self._seq + 1}}}')
            except ValueError:
                continue
            self._seq += 1
            return True
        return False


def _forms(message: ServerMessage) -> Iterator[ServerMessage]:
    """A message, and shorter ones that say less, for a page that takes no longer one. No page waits for ever."""
    yield message
    if isinstance(message, ChatDone):
        yield message.model_copy(update={"html": ""})
        finish = "length" if message.finish == "complete" else message.finish
        yield message.model_copy(update={"html": "", "text": message.text[:SHORTENED], "finish": finish})
