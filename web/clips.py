"""The clips over HTTP: listed by the page, sent whole or in ranges, as they are or as MP4, and their pictures."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field

from models.base import Emotion
from pipeline.history.history import HistoryUnavailable
from pipeline.history.views import ClipKnown
from pipeline.jobs import AnalysisError
from pipeline.library import StoredClip, refusal
from pipeline.thumbnails import thumbnail_of
from web.answers import Clips, ClipView, answered
from web.authority import SessionId
from web.errors import ApiError
from web.files import CACHED, FileQuery, Files, converted, may_see, seen
from web.keys import ANALYSIS, HISTORY, LIBRARY
from web.presence import while_connected
from web.reading import read_path, read_query

log = logging.getLogger(__name__)

MOST_LISTED = 600
"""Clips in one answer, and where nobody says how many."""

THUMBNAIL_WAIT = 5.0
"""Seconds that a picture is waited for: labels go before it."""

_FILES = Files(
    folder=LIBRARY,
    code="no_such_clip",
    text="There is no such clip, or it is no longer kept.",
    sent="clip_downloaded",
    deleted="clip_deleted",
)


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


async def list_clips(request: web.Request) -> web.Response:
    """`GET /api/videos` and `GET /videos`: the asker's clips on disk, newest first."""
    asked = read_query(request, ClipsQuery)
    clips = await asyncio.to_thread(request.app[LIBRARY].list)
    found = seen(request, clips, before=asked.before, session_id=asked.session_id)
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
        thumbnail=f"/thumbnails/{quote(clip.name)}.jpg",
        emotion=known.emotion if known else None,
        duration=known.duration if known else None,
    )


async def clip(request: web.Request) -> web.StreamResponse:
    """`GET /videos/<name>`: one clip; ranges are answered."""
    name, asked = read_path(request, ClipPart).name, read_query(request, FileQuery)
    path = await _FILES.find(request, name)
    if asked.format == "mp4":
        path = await converted(request, path)
    return _FILES.send(request, name, path, asked)


async def delete_clip(request: web.Request) -> web.Response:
    """`DELETE /videos/<name>`: a clip with its picture and its MP4."""
    return await _FILES.delete(request, read_path(request, ClipPart).name)


async def thumbnail(request: web.Request) -> web.StreamResponse:
    """`GET /thumbnails/<name>.jpg`: the picture of a clip, which is made for whoever asks first."""
    name = read_path(request, ClipPart).name
    path = await _thumbnail(request, name) if may_see(request, name) else None
    if path is None:
        raise ApiError(404, "no_such_thumbnail", "There is no picture of this clip.")
    return web.FileResponse(path, headers={"Cache-Control": CACHED})


async def _thumbnail(request: web.Request, name: str) -> Path | None:
    making = thumbnail_of(name, request.app[LIBRARY], request.app[ANALYSIS])
    try:
        async with asyncio.timeout(THUMBNAIL_WAIT):
            return await while_connected(request, making)
    except (AnalysisError, TimeoutError) as error:
        log.info("no picture of %s: %s", name, str(error) or "it took too long")
        text = "The picture cannot be made at the moment; try again soon."
        raise ApiError(503, "busy", text, {"Retry-After": "2"}) from None
    except ConnectionResetError:
        raise  # whoever asked has gone
    except OSError as error:
        log.warning("the picture of %s cannot be kept: %s", name, error)
        raise ApiError(503, refusal(error), "The picture cannot be written to the server's disk.") from None
