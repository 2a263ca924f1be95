"""The inbox: what the page has said and nobody has read yet, never more than there is room for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress

from webrtc.messages import MalformedMessage, PageMessage, UnknownMessage, parse

MAX_WAITING = 256
"""Messages that wait to be read; more are dropped and counted."""


class Inbox:
    """Messages of the page in the order in which they came. `lost` counts those that there was no room for, `unknown`
    those that were of no type known here."""

    def __init__(self) -> None:
        self.lost = 0
        self.unknown = 0
        self._waiting: asyncio.Queue[str | bytes] = asyncio.Queue(MAX_WAITING)

    def put(self, text: str | bytes) -> None:
        """A message has come. Returns at once."""
        try:
            self._waiting.put_nowait(text)
        except asyncio.QueueFull:
            self.lost += 1

    async def get(self) -> PageMessage:
        """The next one of a type that is known, once it is there. Raises `MalformedMessage`."""
        while True:
            await asyncio.sleep(0)  # a full inbox must not hold the loop
            try:
                return parse(await self._waiting.get())
            except UnknownMessage:
                self.unknown += 1

    def rest(self) -> Iterator[PageMessage]:
        """Those that are there and can be understood, taken out one by one."""
        while not self._waiting.empty():
            with suppress(UnknownMessage, MalformedMessage):
                yield parse(self._waiting.get_nowait())
