"""Exports: zip files of sessions that are made to be sent once, and are gone afterwards."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from web.errors import ApiError

MOST = 2
"""Exports at a time; more are turned away, since each may be as large as all clips."""


class Sent(web.FileResponse):
    """A file that is sent before its handler returns. aiohttp prepares every answer once more; then nothing is done."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        if self.prepared:
            return await web.StreamResponse.prepare(self, request)
        return await super().prepare(request)


class Exports:
    """Owns the folder that exports are made in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._under_way = 0

    async def prepare(self) -> None:
        """Make the folder and clear away what an earlier run left. Raises `OSError`."""
        await asyncio.to_thread(_clear, self._folder)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Path]:
        """Where an export may be written; the file is gone at the end. Raises `ApiError`."""
        if self._under_way >= MOST:
            raise ApiError(503, "busy", "Too many exports are being made; try again.", {"Retry-After": "5"})
        self._under_way += 1
        path = self._folder / f"{secrets.token_hex(8)}.zip"
        try:
            yield path
        finally:
            self._under_way -= 1
            await asyncio.shield(asyncio.to_thread(path.unlink, missing_ok=True))


def _clear(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.iterdir():
        if left.is_file():
            left.unlink(missing_ok=True)
