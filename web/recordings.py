"""The recordings over HTTP: the files of whole calls, listed, sent whole or in ranges, and deleted."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field

from pipeline.recordings import StoredRecording
from web.answers import Recordings, RecordingView, answered
from web.authority import SessionId
from web.errors import ApiError
from web.files import FileQuery, Files, converted, seen
from web.keys import RECORDINGS
from web.reading import read_path, read_query

MOST_LISTED = 200
"""Recordings in one answer."""

MOST_CONVERTED = 300 * 10**6
"""Bytes of a recording of which an MP4 is made: about 25 minutes."""

CONVERTED_WITHIN = 600.0
"""Seconds in which it must be made."""

_FILES = Files(
    folder=RECORDINGS,
    code="no_such_recording",
    text="There is no such recording, or it is no longer kept.",
    sent="recording_downloaded",
    deleted="recording_deleted",
)


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
    found = seen(request, recordings, before=asked.before, session_id=asked.session_id)
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
    name, asked = read_path(request, RecordingPart).name, read_query(request, FileQuery)
    path = await _FILES.find(request, name)
    if asked.format == "mp4":
        if (await asyncio.to_thread(path.stat)).st_size > MOST_CONVERTED:
            raise ApiError(422, "recording_too_long", "The recording is too long for an MP4 to be made here.")
        path = await converted(request, path, CONVERTED_WITHIN)
    return _FILES.send(request, name, path, asked)


async def delete_recording(request: web.Request) -> web.Response:
    """`DELETE /recordings/<name>`: a recording with its MP4."""
    return await _FILES.delete(request, read_path(request, RecordingPart).name)
