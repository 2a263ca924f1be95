"""The recordings over HTTP: the files of whole calls, listed, sent whole or in ranges, and deleted."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field

from pipeline.library import session_of
from pipeline.recordings import StoredRecording
from web.answers import Recordings, RecordingView, answered
from web.audit import note
from web.authority import SessionId, may_ask, sees
from web.clips import CACHED, ClipQuery, converted, from_the_beginning
from web.errors import ApiError
from web.keys import RECORDINGS, TRANSCODER
from web.reading import read_path, read_query

MOST_LISTED = 200
"""Recordings in one answer."""

MOST_CONVERTED = 300 * 10**6
"""Bytes of a recording of which an MP4 is made: about 25 minutes."""

CONVERTED_WITHIN = 600.0
"""Seconds in which it must be made."""


class RecordingPart(BaseModel):
    name: Annotated[
        str,
        Field(
            description="The recording's name, as the list has it.",
            examples=["20270115T080000.250_0a1b2c3d4e5f60718293a4b5.webm"],
        ),
    ]


class RecordingsQuery(BaseModel):
    limit: Annotated[int, Field(ge=1, le=MOST_LISTED)] = MOST_LISTED
    before: (
        Annotated[str, Field(max_length=100, description="Recordings older than the one of this name.")]
        | None
    ) = None
    session_id: SessionId | None = None


async def list_recordings(request: web.Request) -> web.Response:
    """`GET /api/recordings`: the asker's finished recordings, newest first."""
    asked = read_query(request, RecordingsQuery)
    recordings = await asyncio.to_thread(request.app[RECORDINGS].list)
    seen = {session_id: sees(request, session_id) for session_id in {each.session_id for each in recordings}}
    found = [
        each
        for each in recordings
        if seen[each.session_id]
        and (asked.before is None or each.name < asked.before)
        and asked.session_id in (None, each.session_id)
    ]
    page = found[: asked.limit]
    return answered(
        Recordings(
            recordings=[_view(each) for each in page],
            count=len(page),
            next=page[-1].name if len(found) > len(page) else None,
        )
    )


def _view(recording: StoredRecording) -> RecordingView:
    url = f"/recordings/{quote(recording.name)}"
    return RecordingView(
        name=recording.name,
        session_id=recording.session_id,
        timestamp=recording.recorded,
        size=recording.size,
        url=url,
        mp4=f"{url}?format=mp4" if recording.size <= MOST_CONVERTED else None,
    )


async def recording(request: web.Request) -> web.StreamResponse:
    """`GET /recordings/<name>`: one recording; ranges are answered."""
    name, asked = read_path(request, RecordingPart).name, read_query(request, ClipQuery)
    _require(request, name)
    path = await asyncio.to_thread(request.app[RECORDINGS].path_of, name)
    if path is None:
        raise _no_such_recording()
    saved_as = name
    if asked.format == "mp4":
        if (await asyncio.to_thread(path.stat)).st_size > MOST_CONVERTED:
            raise ApiError(422, "recording_too_long", "The recording is too long for an MP4 to be made here.")
        path, saved_as = await converted(request, path, CONVERTED_WITHIN), f"{path.stem}.mp4"
    if from_the_beginning(request):
        note(request, "recording_downloaded", session_id=session_of(name), file=name)
    headers = {"Cache-Control": CACHED}
    if asked.download == "1":
        headers["Content-Disposition"] = f'attachment; filename="{saved_as}"'
    return web.FileResponse(path, headers=headers)


async def delete_recording(request: web.Request) -> web.Response:
    """`DELETE /recordings/<name>`: a recording with its MP4."""
    name, app = read_path(request, RecordingPart).name, request.app
    _require(request, name)
    if not await asyncio.to_thread(app[RECORDINGS].delete, name):
        raise _no_such_recording()
    await app[TRANSCODER].remove([name])
    note(request, "recording_deleted", session_id=session_of(name), file=name)
    return web.Response(status=204)


def _require(request: web.Request, name: str) -> None:
    """Raises `ApiError` for somebody else's recording, as for one that is not there."""
    if not may_ask(request, session_of(name) or ""):
        raise _no_such_recording()


def _no_such_recording() -> ApiError:
    return ApiError(404, "no_such_recording", "There is no such recording, or it is no longer kept.")
