"""The kept files over HTTP, clips and recordings alike: which of them the asker sees, and one sent or deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Protocol, TypeVar

from aiohttp import web
from pydantic import BaseModel, Field

from pipeline.audit import Event
from pipeline.library import Library, session_of
from pipeline.recordings import Recordings
from pipeline.transcoder import TranscodeError
from web.audit import note
from web.authority import may_ask, sees
from web.errors import ApiError
from web.keys import TRANSCODER
from web.presence import while_connected

CACHED = "private, max-age=3600, immutable"
"""A file never changes, but it may be deleted: the browser's copy is not to outlive it for long."""

_STATUS = {"busy": 503, "clip_unreadable": 422, "no_such_clip": 404, "transcode_failed": 503}


class FileQuery(BaseModel):
    format: Literal["original", "mp4"] = "original"
    download: Annotated[Literal["0", "1"], Field(description="1 to have it saved as a file.")] = "0"


class Stored(Protocol):
    """A file as its folder lists it."""

    @property
    def name(self) -> str: ...
    @property
    def session_id(self) -> str: ...


File = TypeVar("File", bound=Stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Those of one kind, which `folder` has; `code` and `text` say that one is not there, `sent` and `deleted` tell
    the audit log of one."""

    folder: web.AppKey[Library] | web.AppKey[Recordings]
    code: str
    text: str
    sent: Event
    deleted: Event

    async def find(self, request: web.Request, name: str) -> Path:
        """Where one lies. Raises `ApiError`, for somebody else's as for one that is not there."""
        path = None
        if may_see(request, name):
            path = await asyncio.to_thread(request.app[self.folder].path_of, name)
        if path is None:
            raise ApiError(404, self.code, self.text)
        return path

    def send(self, request: web.Request, name: str, path: Path, asked: FileQuery) -> web.FileResponse:
        """The file `name`, which lies at `path`, or its MP4 there if that was asked for; ranges are answered."""
        if _from_the_beginning(request):
            note(request, self.sent, session_id=session_of(name), file=name)
        headers = {"Cache-Control": CACHED}
        if asked.download == "1":
            saved_as = f"{Path(name).stem}.mp4" if asked.format == "mp4" else name
            headers["Content-Disposition"] = f'attachment; filename="{saved_as}"'
        return web.FileResponse(path, headers=headers)

    async def delete(self, request: web.Request, name: str) -> web.Response:
        """Delete one with its MP4. Raises `ApiError` as `find` does."""
        if not may_see(request, name) or not await asyncio.to_thread(request.app[self.folder].delete, name):
            raise ApiError(404, self.code, self.text)
        await request.app[TRANSCODER].remove([name])
        note(request, self.deleted, session_id=session_of(name), file=name)
        return web.Response(status=204)


def may_see(request: web.Request, name: str) -> bool:
    """Whether a file of this name is the asker's, or would be."""
    return may_ask(request, session_of(name) or "")


def seen(
    request: web.Request, files: Sequence[File], *, before: str | None, session_id: str | None
) -> list[File]:
    """Those of them, newest first, that the asker sees: older than the one named `before`, of one session."""
    own = {each: sees(request, each) for each in {file.session_id for file in files}}
    return [
        file
        for file in files
        if own[file.session_id]
        and (before is None or file.name < before)
        and session_id in (None, file.session_id)
    ]


async def converted(request: web.Request, path: Path, deadline: float | None = None) -> Path:
    """Where the MP4 of a file lies, made within `deadline` seconds. Raises `ApiError`."""
    try:
        return await while_connected(request, request.app[TRANSCODER].mp4(path, deadline))
    except TranscodeError as error:
        headers = {"Retry-After": "5"} if error.code == "busy" else None
        raise ApiError(_STATUS[error.code], error.code, str(error), headers) from None


def _from_the_beginning(request: web.Request) -> bool:
    """Whether a file is sent for the first time: players ask for its parts again and again."""
    try:
        return request.method == "GET" and request.http_range.start in (None, 0)
    except ValueError:  # a range that is none
        return False
