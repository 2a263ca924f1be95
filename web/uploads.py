"""A file that is sent to be analysed, with the fields beside it: bounded in bytes, in time and in number."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

from aiohttp import BodyPartReader, MultipartReader, StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError

from web.errors import ApiError
from web.reading import refuse_encoded

MAX_UPLOAD = 256 * 1024 * 1024
"""Bytes of a file."""

MAX_FIELDS = 64 * 1024
"""Bytes of all other fields together."""

MOST_PARTS = 16

MOST_LINES = 64 * MOST_PARTS
"""Lines outside the parts' own data: boundaries and headers. What stands before the first boundary counts too."""

SLOWEST = 300.0
"""Seconds in which the whole body must arrive."""

MOST = 4
"""Uploads at a time; more are turned away."""

_CHUNK = 256 * 1024

_SUFFIX = re.compile(r"\.[0-9A-Za-z]{1,8}")


class Upload:
    """What arrived: the file's `path` and the `name` that its sender gave it, and the `fields` beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._room = MAX_FIELDS
        self.fields: dict[str, str] = {}
        self.path: Path | None = None
        self.name = ""

    async def take(self, part: BodyPartReader) -> None:
        """Take one part of the form in. Raises `ApiError`."""
        if part.name == "file":
            if self.path is not None:
                raise ApiError(400, "bad_request", "The form has more than one file.")
            self.name = Path(part.filename or "upload").name[-80:]
            suffix = Path(self.name).suffix
            self.path = self._folder / f"upload{suffix if _SUFFIX.fullmatch(suffix) else ''}"
            await _write(part, self.path)
        elif part.name is not None:
            self.fields[part.name] = (await self._field(part)).decode(errors="replace")

    async def _field(self, part: BodyPartReader) -> bytes:
        value = b""
        while chunk := await part.read_chunk(_CHUNK):
            value += chunk
            self._room -= len(chunk)
            if self._room < 0:
                raise ApiError(413, "too_large", f"The fields are over {MAX_FIELDS // 1024} KB.")
        return value


class Uploads:
    """Receives uploads, so many at a time."""

    def __init__(self) -> None:
        self._under_way = 0

    @asynccontextmanager
    async def receive(self, request: web.Request) -> AsyncIterator[Upload]:
        """An upload with a file, which is gone at the end. Raises `ApiError`."""
        refuse_encoded(request)
        if self._under_way >= MOST:
            raise ApiError(503, "busy", "Too many files are being sent; try again.", {"Retry-After": "5"})
        self._under_way += 1
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="mien-"))
        try:
            upload = Upload(folder)
            await _read(request, upload)
            if upload.path is None:
                raise ApiError(400, "bad_request", "The form has no part called `file`.")
            yield upload
        finally:
            self._under_way -= 1
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))


class _Bounded:
    """The body as aiohttp's reader of forms takes it: so many lines, and so many bytes, and no more. Each line is read
    in a step of its own, and a body of bare newlines would keep the loop for as long as it comes."""

    def __init__(self, content: StreamReader) -> None:
        self._content = content
        self._lines = 0

    async def readline(self, **given: int) -> bytes:
        self._lines += 1
        if self._lines > MOST_LINES:
            raise ApiError(
                400, "bad_request", f"The form has more than {MOST_LINES} lines outside its parts."
            )
        return await self._content.readline(**given)

    async def read(self, size: int = -1) -> bytes:
        if self._content.total_bytes > MAX_UPLOAD + 2 * MAX_FIELDS:
            raise ApiError(413, "too_large", f"The form is over {MAX_UPLOAD // 1024**2} MB.")
        return await self._content.read(size)

    def at_eof(self) -> bool:
        return self._content.at_eof()

    def unread_data(self, data: bytes) -> None:
        self._content.unread_data(data)


async def _read(request: web.Request, upload: Upload) -> None:
    try:
        async with asyncio.timeout(SLOWEST):
            parts = 0
            content = cast(StreamReader, _Bounded(request.content))
            async for part in MultipartReader(request.headers, content):
                parts += 1
                if parts > MOST_PARTS:
                    raise ApiError(400, "bad_request", f"The form has more than {MOST_PARTS} parts.")
                if not isinstance(part, BodyPartReader):
                    raise ApiError(400, "bad_request", "A part of the form holds another form.")
                await upload.take(part)
    except TimeoutError:
        raise ApiError(408, "too_slow", f"The form did not arrive within {SLOWEST:.0f} s.") from None
    except (
        ValueError,
        AssertionError,
        RuntimeError,
        HttpProcessingError,
    ) as error:  # RuntimeError: a charset
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ApiError(400, "bad_request", f"The form cannot be read: {reason}.") from None


async def _write(part: BodyPartReader, path: Path) -> None:
    size = 0
    file = await asyncio.to_thread(path.open, "wb")
    try:
        while chunk := await part.read_chunk(_CHUNK):
            size += len(chunk)
            if size > MAX_UPLOAD:
                raise ApiError(413, "too_large", f"The file is over {MAX_UPLOAD // 1024**2} MB.")
            await asyncio.to_thread(file.write, chunk)
    finally:
        await asyncio.to_thread(file.close)
