"""A server for a test: the real one, in the test's own loop, on free ports and with a folder of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from server import Running, serve
from settings import Settings


@dataclass(slots=True)
class Server:
    """What a test needs of a running server."""

    running: Running
    data: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.running.http_port}"

    @property
    def videos(self) -> list[Path]:
        return sorted(path for path in (self.data / "videos").iterdir() if not path.name.startswith("."))

    async def status(self) -> dict[str, Any]:
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}/status") as response:
            status: dict[str, Any] = await response.json()
            return status

    async def until(self, reached: Any, *, within: float = 5.0) -> dict[str, Any]:
        """Ask for the status until `reached(status)` holds; fails after `within` seconds."""
        async with asyncio.timeout(within):
            while not reached(status := await self.status()):
                await asyncio.sleep(0.05)
        return status


@asynccontextmanager
async def serving(data: Path, **settings: Any) -> AsyncIterator[Server]:
    """Run the server for the length of a block. Unless told otherwise a call is over when its caller has gone."""
    running = Running()
    chosen = {
        "data_dir": data,
        "http_port": 0,
        "https_port": 0,
        "session_grace": 0,
        "_env_file": None,
    } | settings
    task = asyncio.create_task(serve(Settings(**chosen), running))
    ready = asyncio.create_task(running.ready.wait())
    await asyncio.wait((task, ready), return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    if task.done():
        task.result()
    try:
        yield Server(running, data)
    finally:
        running.stop.set()
        await task
