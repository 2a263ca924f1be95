"""The feed: what a session tells to whoever reads along, beside its page, each reader at a pace of their own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from webrtc.messages import ServerMessage, SessionEnded

TOLD = frozenset({"session_status", "emotion_result", "clip_saved", "recording_saved", "notice"})
"""Types that are about the session, and not an answer to its page."""

MOST_READERS = 8

MAX_WAITING = 100
"""Messages that wait for a slow reader; then the oldest are skipped, and it is told how many."""

KEPT = 50
"""Messages that are kept for a reader who was cut off and comes back."""


Numbered = deque[tuple[int, ServerMessage]]


class TooManyReaders(Exception):
    """No room for another reader of a session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message with its number, which counts up from 1 in a session, and how many before it this reader missed."""

    number: int
    message: ServerMessage
    skipped: int


class Reader:
    """One who reads along."""

    def __init__(self, number: int) -> None:
        self._next = number
        self._waiting: Numbered = deque(maxlen=MAX_WAITING)
        self._news = asyncio.Event()
        self._over = False

    def tell(self, number: int, message: ServerMessage) -> None:
        """Have it read this when it gets there."""
        self._waiting.append((number, message))
        self._news.set()

    def drop(self, kind: str) -> None:
        """What waits of a type is not to be read any more."""
        _drop(self._waiting, kind)

    def end(self) -> None:
        """Nothing follows what waits."""
        self._over = True
        self._news.set()

    async def messages(self) -> AsyncGenerator[Told, None]:
        """One after the other, until the session is over."""
        while True:
            while self._waiting:
                number, message = self._waiting.popleft()
                skipped, self._next = number - self._next, number + 1
                yield Told(number=number, message=message, skipped=skipped)
            if self._over:
                return
            self._news.clear()
            await self._news.wait()


class Feed:
    """Numbers what is told and hands it to every reader. Nothing here waits for any of them."""

    def __init__(self) -> None:
        self._number = 0
        self._kept: Numbered = deque(maxlen=KEPT)
        self._readers: set[Reader] = set()
        self._over = False

    def tell(self, message: ServerMessage) -> None:
        """Tell everybody, if it is one of `TOLD`."""
        if message.type in TOLD and not self._over:
            self._hand_out(message)

    def drop(self, kind: str) -> None:
        """Of the messages of a type none is told any more."""
        _drop(self._kept, kind)
        for reader in self._readers:
            reader.drop(kind)

    def end(self, farewell: SessionEnded) -> None:
        """The session is over; this is the last that is told."""
        if self._over:
            return
        self._over = True
        self._hand_out(farewell)
        for reader in self._readers:
            reader.end()

    def read(self, after: int | None = None) -> Reader:
        """Read along from now on, or from the message after the one of this number, as far as it is still there.
        Raises `TooManyReaders`. Whoever reads must `leave`."""
        if len(self._readers) >= MOST_READERS:
            raise TooManyReaders
        again = after is not None and 0 <= after <= self._number
        reader = Reader(after + 1 if again and after is not None else self._number + 1)
        for number, message in self._kept if again else ():
            if after is not None and number > after:
                reader.tell(number, message)
        self._readers.add(reader)
        if self._over:
            reader.end()
        return reader

    def leave(self, reader: Reader) -> None:
        """It reads no more."""
        self._readers.discard(reader)

    def _hand_out(self, message: ServerMessage) -> None:
        self._number += 1
        self._kept.append((self._number, message))
        for reader in self._readers:
            reader.tell(self._number, message)


def _drop(messages: Numbered, kind: str) -> None:
    kept = [each for each in messages if each[1].type != kind]
    messages.clear()
    messages.extend(kept)
