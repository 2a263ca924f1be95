"""Exports: zip files of sessions that are made to be sent once, and are gone afterwards."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from pipeline.history.export import part_of
from web.errors import ApiError

MOST = 2
"""Exports at a time; more are turned away, since each may be as large as all clips."""


class Sent(web.FileResponse):
    """A file that is sent before its handler returns. aiohttp prepares every answer once more; then nothing is done."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        if self.prepared:
            return await web.StreamResponse.prepare(self, request)
        return await super().prepare(request)


LEAST_TIME = 30.0
"""Seconds that reading an export may take, however small it is."""

SLOWEST_READER = 64 * 1024
"""Bytes a second at which an export must be read at least, or its place goes to somebody else."""


class Exports:
    """Owns the folder that exports are made in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._under_way: dict[Path, str] = {}
        """Whose session each is of."""

    async def prepare(self) -> None:
        """Make the folder and clear away what an earlier run left. Raises `OSError`."""
        await asyncio.to_thread(_clear, self._folder)

    @asynccontextmanager
    async def place(self, session_id: str) -> AsyncIterator[Path]:
        """Where an export may be written; the file is gone at the end. Raises `ApiError`."""
        if len(self._under_way) >= MOST:
            raise ApiError(503, "busy", "Too many exports are being made; try again.", {"Retry-After": "5"})
        path = self._folder / f"{secrets.token_hex(8)}.zip"
        self._under_way[path] = session_id
        try:
            yield path
        finally:
            del self._under_way[path]
            await asyncio.shield(asyncio.to_thread(_delete, path))

    async def send(self, request: web.Request, path: Path, name: str) -> web.StreamResponse:
        """Send an export while it is there. Raises `ConnectionResetError` where it is read too slowly."""
        response = Sent(path, headers={"Content-Disposition": f'attachment; filename="{name}"'})
        size = (await asyncio.to_thread(path.stat)).st_size
        try:
            async with asyncio.timeout(LEAST_TIME + size / SLOWEST_READER):
                await response.prepare(request)
                await response.write_eof()
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("the export was read too slowly") from None
        return response

    async def forget(self, session_id: str) -> None:
        """Delete what there is of a session's exports. One that is being sent goes on; one that is being made is gone
        as soon as it is. Raises `OSError`."""
        for path in [path for path, of in self._under_way.items() if of == session_id]:
            await asyncio.to_thread(_delete, path)


def _delete(path: Path) -> None:
    """An export, and what a process that ended has left of it half made."""
    for left in (path, part_of(path)):
        left.unlink(missing_ok=True)


def _clear(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.iterdir():
        if left.is_file():
            left.unlink(missing_ok=True)
