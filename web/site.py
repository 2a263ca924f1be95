"""The site: the application as it is served, by whichever addresses it listens on."""

from __future__ import annotations

import errno
import logging
import os
import ssl
from collections.abc import Callable
from typing import Self

from aiohttp import web

from web.connections import Connections
from web.errors import RequestLog


class CannotListen(Exception):
    """An address cannot be had. The message says which, and why, in one sentence."""


class Site:
    """Serves an application. To be closed whatever comes."""

    def __init__(self, runner: web.AppRunner, connections: Connections) -> None:
        self._runner = runner
        self._connections = connections

    @classmethod
    async def open(cls, app: web.Application, uncounted: Callable[[str], bool]) -> Self:
        """Let an application begin. `uncounted` are addresses that many others may come by. Raises `OSError` where the
        application's folders cannot be made."""
        requests = RequestLog(logging.getLogger("aiohttp.server"), {})
        # Nothing is unpacked: `web.reading` refuses what is packed, and aiohttp would unpack it to throw it away.
        runner = web.AppRunner(
            app, access_log=None, logger=requests, auto_decompress=False, shutdown_timeout=1.0
        )
        await runner.setup()
        assert runner.server is not None
        return cls(runner, Connections(runner.server, uncounted))

    async def listen(self, setting: str, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Take requests on an address; which port it is, where 0 was asked for. Raises `CannotListen`, which names the
        `setting` that the port is from."""
        try:
            return await self._connections.listen(host, port, tls)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CannotListen(f"port {port} is in use; choose another with {setting}.") from error
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise CannotListen(f"cannot listen on {host} port {port} ({reason}).") from error

    async def run(self) -> None:
        """Shed silent connections until cancelled."""
        await self._connections.run()

    async def close(self) -> None:
        """Take no further requests, and end the application."""
        self._connections.close()
        await self._runner.cleanup()
