"""A stream of server-sent events (WHATWG HTML section 9.2), kept alive while nothing comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel

from web.presence import CHECK, gone

KEEP_ALIVE = 15.0
"""Seconds of silence after which a comment is sent, so that nobody on the way closes the connection."""

STALLED = 20.0
"""Seconds in which a reader must take what was written, or it is let go."""

CONTENT_TYPE = "text/event-stream"

Event = TypeVar("Event")


class EventStream:
    """One answer that is written as it comes. Everything raises `ConnectionResetError` once the reader has gone."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._last = time.monotonic()
        self.response = web.StreamResponse(
            headers={
                "Content-Type": f"{CONTENT_TYPE}; charset=utf-8",
                "X-Accel-Buffering": "no",  # a proxy is to hand on every word as it comes
            }
        )

    async def open(self) -> None:
        """Begin the answer."""
        await self.response.prepare(self._request)

    async def send(self, name: str, message: BaseModel, number: int | None = None) -> None:
        """Write an event, with a number that its reader may come back with; JSON has no line breaks, so it is one line
        of data."""
        numbered = "" if number is None else f"id: {number}\n"
        await self._write(f"{numbered}event: {name}\ndata: {message.model_dump_json()}\n\n")

    async def follow(self, events: AsyncIterator[Event]) -> AsyncGenerator[Event, None]:
        """Hand on what comes, and keep the connection alive meanwhile."""
        following = asyncio.ensure_future(anext(events, None))
        try:
            while True:
                await asyncio.wait([following], timeout=CHECK)
                if gone(self._request):
                    raise ConnectionResetError("whoever read has gone")
                if following.done():
                    event = following.result()
                    if event is None:
                        return
                    yield event
                    following = asyncio.ensure_future(anext(events, None))
                elif time.monotonic() - self._last > KEEP_ALIVE:
                    await self._write(": still here\n\n")
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _write(self, text: str) -> None:
        self._last = time.monotonic()
        try:
            async with asyncio.timeout(STALLED):
                await self.response.write(text.encode())
        except TimeoutError:
            if self._request.transport is not None:
                self._request.transport.abort()
            raise ConnectionResetError("whoever read takes nothing any more") from None
