"""The link: the connection that a session has at the moment, which may be lost and made anew."""

from __future__ import annotations

import asyncio
import time

from webrtc.connection import Connection
from webrtc.media import Media


class Link:
    """Owns one connection at a time, which feeds the session's media while `run` does, and frees those before it."""

    def __init__(self, session_id: str, media: Media) -> None:
        self._session_id = session_id
        self._media = media
        self._connection: Connection | None = None
        self._candidates_dropped = 0
        self._accepting = asyncio.Lock()
        self._group: asyncio.TaskGroup | None = None
        self._feeding: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self._alone_since = time.monotonic()

    async def take(self, connection: Connection, sdp: str) -> str:
        """Have a connection answer an offer, and take the place of the one that there is. Raises `OfferRejected` or
        `PortsExhausted`; then all stays as it is."""
        async with self._accepting:
            try:
                answer = await connection.answer(sdp)
            except BaseException:
                await connection.close(self._session_id)
                raise
            self._let_go()
            self._connection = connection
            self._media.begin(connection.tracks)
            if self._group is not None:
                self._feeding = self._group.create_task(connection.run())
        return answer

    def lose(self) -> None:
        """Free the connection, of which nothing comes any more."""
        if self._connection is not None:
            self._alone_since = self._connection.heard
        self._let_go()

    async def run(self) -> None:
        """Feed the media until `end`, and return when those before the present connection are freed."""
        if self._ended.is_set():  # the session was left before it ran
            return
        async with asyncio.TaskGroup() as group:
            self._group = group
            if self._connection is not None:
                self._feeding = group.create_task(self._connection.run())
            await self._ended.wait()

    def end(self) -> None:
        """Feed no longer, and let `run` end."""
        self._group = None
        if self._feeding is not None:
            self._feeding.cancel()
        self._ended.set()

    async def close(self) -> None:
        """Free the connection. May be called more than once."""
        if self._connection is not None:
            await self._connection.close(self._session_id)

    @property
    def connection(self) -> Connection | None:
        """The one that there is, or that is being made."""
        return self._connection

    @property
    def is_alone(self) -> bool:
        """Whether nobody is at the other end: no connection, or one that is silent and may go on yet."""
        return self._connection is None or self._connection.silent

    @property
    def alone_since(self) -> float:
        """Since when, in monotonic seconds."""
        return self._alone_since if self._connection is None else self._connection.heard

    @property
    def state(self) -> str:
        """That of the connection: new, connecting, connected, failed or closed; disconnected where there is none, or
        nothing comes by it."""
        return "disconnected" if self._connection is None else self._connection.state

    @property
    def candidates_dropped(self) -> int:
        """How many addresses that its pages said had nothing sent to them."""
        return self._candidates_dropped + (self._connection.candidates_dropped if self._connection else 0)

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._candidates_dropped += connection.candidates_dropped
        if connection is None or self._group is None:
            return
        self._media.begin({})
        if self._feeding is not None:
            self._feeding.cancel()
        self._group.create_task(connection.close(self._session_id))
