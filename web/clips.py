"""The clips over HTTP: listed by the page, sent whole or in ranges, as they are or as MP4, and their pictures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field

from models.base import Emotion
from pipeline.history.history import HistoryUnavailable
from pipeline.history.views import ClipKnown
from pipeline.library import StoredClip, session_of
from pipeline.transcoder import TranscodeError
from web.answers import Clips, ClipView, answered
from web.audit import note
from web.authority import SessionId, may_ask, sees
from web.errors import ApiError
from web.keys import HISTORY, LIBRARY, TRANSCODER
from web.presence import while_connected
from web.reading import read_path, read_query

MOST_LISTED = 600
"""Clips in one answer, and where nobody says how many."""

CACHED = "private, max-age=3600, immutable"
"""A clip never changes, but it may be deleted: the browser's copy is not to outlive it for long."""

THUMBNAIL_WAIT = 2.0
"""Seconds that a picture is waited for: it is made a moment after its clip."""

_STATUS = {"busy": 503, "clip_unreadable": 422, "no_such_clip": 404, "transcode_failed": 503}


class ClipPart(BaseModel):
    name: Annotated[
        str,
        Field(
            description="The clip's name, as the list has it.",
            examples=["20270115T080000.250_0a1b2c3d4e5f60718293a4b5.webm"],
        ),
    ]


class ClipsQuery(BaseModel):
    limit: Annotated[int, Field(ge=1, le=MOST_LISTED)] = MOST_LISTED
    before: (
        Annotated[str, Field(max_length=100, description="Clips older than the one of this name.")] | None
    ) = None
    session_id: SessionId | None = None
    emotion: (
        Annotated[
            Emotion | Literal["unknown"],
            Field(description="Only clips in which this was seen, as far as the history tells."),
        ]
        | None
    ) = None


class ClipQuery(BaseModel):
    format: Literal["original", "mp4"] = "original"
    download: Annotated[Literal["0", "1"], Field(description="1 to have it saved as a file.")] = "0"


async def list_clips(request: web.Request) -> web.Response:
    """`GET /api/videos` and `GET /videos`: the asker's clips on disk, newest first."""
    asked = read_query(request, ClipsQuery)
    clips = await asyncio.to_thread(request.app[LIBRARY].list)
    seen = {session_id: sees(request, session_id) for session_id in {clip.session_id for clip in clips}}
    found = [
        clip
        for clip in clips
        if seen[clip.session_id]
        and (asked.before is None or clip.name < asked.before)
        and asked.session_id in (None, clip.session_id)
    ]
    known: Mapping[str, ClipKnown] = {}
    if asked.emotion is not None:
        known = await _known(request, found)
        found = [clip for clip in found if clip.name in known and known[clip.name].emotion == asked.emotion]
    page = found[: asked.limit]
    if asked.emotion is None:
        known = await _known(request, page)
    return answered(
        Clips(
            videos=[_view(clip, known.get(clip.name)) for clip in page],
            count=len(page),
            next=page[-1].name if len(found) > len(page) else None,
        )
    )


async def list_clips_as_before(request: web.Request) -> web.Response:
    """`GET /videos`: the name that the list had in the earlier application."""
    return await list_clips(request)


async def _known(request: web.Request, clips: Sequence[StoredClip]) -> Mapping[str, ClipKnown]:
    """What the history knows of them: nothing while it is in trouble, which must not hide the clips."""
    history = request.app[HISTORY]
    if not clips or not history.status.available:
        return {}
    try:
        return await history.clips({clip.name: clip.session_id for clip in clips})
    except HistoryUnavailable:
        return {}


def _view(clip: StoredClip, known: ClipKnown | None) -> ClipView:
    url = f"/videos/{quote(clip.name)}"
    return ClipView(
        name=clip.name,
        session_id=clip.session_id,
        timestamp=clip.recorded,
        size=clip.size,
        url=url,
        mp4=f"{url}?format=mp4",
        thumbnail=f"/thumbnails/{quote(clip.name)}.jpg" if clip.has_thumbnail else None,
        emotion=known.emotion if known else None,
        duration=known.duration if known else None,
    )


async def clip(request: web.Request) -> web.StreamResponse:
    """`GET /videos/<name>`: one clip; ranges are answered."""
    name, asked = read_path(request, ClipPart).name, read_query(request, ClipQuery)
    _require(request, name)
    path = await asyncio.to_thread(request.app[LIBRARY].path_of, name)
    if path is None:
        raise _no_such_clip()
    saved_as = name
    if asked.format == "mp4":
        path, saved_as = await converted(request, path), f"{path.stem}.mp4"
    if from_the_beginning(request):
        note(request, "clip_downloaded", session_id=session_of(name), file=name)
    headers = {"Cache-Control": CACHED}
    if asked.download == "1":
        headers["Content-Disposition"] = f'attachment; filename="{saved_as}"'
    return web.FileResponse(path, headers=headers)


async def delete_clip(request: web.Request) -> web.Response:
    """`DELETE /videos/<name>`: a clip with its picture and its MP4."""
    name, app = read_path(request, ClipPart).name, request.app
    _require(request, name)
    if not await asyncio.to_thread(app[LIBRARY].delete, name):
        raise _no_such_clip()
    await app[TRANSCODER].remove([name])
    note(request, "clip_deleted", session_id=session_of(name), file=name)
    return web.Response(status=204)


def _require(request: web.Request, name: str) -> None:
    """Raises `ApiError` for somebody else's clip, as for one that is not there."""
    if not may_ask(request, session_of(name) or ""):
        raise _no_such_clip()


def from_the_beginning(request: web.Request) -> bool:
    """Whether a file is sent for the first time: players ask for its parts again and again."""
    try:
        return request.method == "GET" and request.http_range.start in (None, 0)
    except ValueError:  # a range that is none
        return False


def _no_such_clip() -> ApiError:
    return ApiError(404, "no_such_clip", "There is no such clip, or it is no longer kept.")


async def converted(request: web.Request, path: Path, deadline: float | None = None) -> Path:
    """Where the MP4 of a clip or of a recording lies, made within `deadline` seconds. Raises `ApiError`."""
    try:
        return await while_connected(request, request.app[TRANSCODER].mp4(path, deadline))
    except TranscodeError as error:
        headers = {"Retry-After": "5"} if error.code == "busy" else None
        raise ApiError(_STATUS[error.code], error.code, str(error), headers) from None


async def thumbnail(request: web.Request) -> web.StreamResponse:
    """`GET /thumbnails/<name>.jpg`: the picture of a clip."""
    library, name = request.app[LIBRARY], read_path(request, ClipPart).name
    if not may_ask(request, session_of(name) or ""):
        raise _no_such_thumbnail()
    deadline = time.monotonic() + THUMBNAIL_WAIT
    while (path := await asyncio.to_thread(library.thumbnail_of, name)) is None:
        if time.monotonic() > deadline or await asyncio.to_thread(library.path_of, name) is None:
            raise _no_such_thumbnail()
        await asyncio.sleep(0.1)
    return web.FileResponse(path, headers={"Cache-Control": CACHED})


def _no_such_thumbnail() -> ApiError:
    return ApiError(404, "no_such_thumbnail", "There is no picture of this clip.")
