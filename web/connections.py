"""Connections: how many there may be, altogether and of one address, and for how long one may hold its place unused.

aiohttp waits for a request for as long as that takes, from as many as come. Who opens connections and says nothing, or
says it a byte at a time, is shed here; calls are not touched, since their media and messages come by UDP.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import Callable
from typing import cast

from aiohttp import web

MOST = 512
"""Connections at a time; more are closed as they come."""

MOST_OF_ONE = 64
"""Of one address; a browser opens six."""

SILENT = 30.0
"""Seconds in which a request must have been said, headers and all, from the last one's end or the beginning on."""

HANDSHAKE = 10.0
"""Seconds that TLS may take to be agreed on."""

SWEEP_INTERVAL = 1.0


class Connections:
    """Listens, admits connections and closes the silent ones. `uncounted` are addresses that many others may come
    by, such as a reverse proxy's."""

    def __init__(self, server: web.Server, uncounted: Callable[[str], bool]) -> None:
        self.refused = 0
        self._server = server
        self._uncounted = uncounted
        self._of: Counter[str] = Counter()
        self._silent_since: dict[web.RequestHandler, float] = {}
        self._listening: list[asyncio.Server] = []

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Take connections on an address; which port it is, where 0 was asked for. Raises `OSError`."""
        loop = asyncio.get_running_loop()
        listening = await loop.create_server(
            lambda: _Door(self), host, port, ssl=tls, ssl_handshake_timeout=HANDSHAKE if tls else None
        )
        self._listening.append(listening)
        bound: int = listening.sockets[0].getsockname()[1]
        return bound

    def close(self) -> None:
        """Take no further ones; those that there are stay."""
        for listening in self._listening:
            listening.close()

    def admit(self, transport: asyncio.BaseTransport) -> web.RequestHandler | None:
        """Who serves a new connection; None where it must not stay."""
        address = _address(transport)
        if len(self._server.connections) >= MOST or not self._has_room(address):
            self.refused += 1
            return None
        self._of[address] += 1
        return self._server()

    def sweep(self, now: float) -> None:
        """Close those that have been silent for too long. `now` is monotonic seconds."""
        there = self._server.connections
        self._count(there)
        silent = {each: self._silent_since.get(each, now) for each in there if not _serves(each)}
        for each, since in silent.items():
            if now - since > SILENT and each.transport is not None:
                each.transport.abort()
        self._silent_since = silent

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_INTERVAL)
            self.sweep(time.monotonic())

    def _has_room(self, address: str) -> bool:
        if self._uncounted(address) or self._of[address] < MOST_OF_ONE:
            return True
        self._count(self._server.connections)  # some may have gone since they were counted
        return self._of[address] < MOST_OF_ONE

    def _count(self, there: list[web.RequestHandler]) -> None:
        self._of = Counter(_address(each.transport) for each in there if each.transport is not None)


class _Door(asyncio.Protocol):
    """Stands before the protocol proper until it is known whether there is room."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        stream = cast(asyncio.Transport, transport)
        handler = self._connections.admit(stream)
        if handler is None:
            stream.abort()
            return
        stream.set_protocol(handler)
        handler.connection_made(stream)


def _serves(handler: web.RequestHandler) -> bool:
    """Whether a request is being answered, its answer sent too. aiohttp tells nobody; a test holds it to this."""
    return bool(handler._request_in_progress)


def _address(transport: asyncio.BaseTransport) -> str:
    peer = transport.get_extra_info("peername")
    return str(peer[0]) if peer else ""
