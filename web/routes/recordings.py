"""The operations on recordings of whole calls."""

from __future__ import annotations

from web import recordings
from web.answers import Recordings
from web.files import FileQuery
from web.operations import EMPTY, Operation, json
from web.routes.shared import sent

RECORDINGS = (
    Operation(
        method="GET",
        path="/api/recordings",
        handler=recordings.list_recordings,
        summary="The recordings of whole calls that are kept, newest first.",
        tag="recordings",
        query=recordings.RecordingsQuery,
        answers={200: json(Recordings)},
    ),
    Operation(
        method="GET",
        path="/recordings/{name}",
        handler=recordings.recording,
        summary="A recording, as it was received or as MP4, whole or in ranges.",
        tag="recordings",
        parts=recordings.RecordingPart,
        query=FileQuery,
        answers=sent("video/webm", "video/mp4"),
        errors={
            404: ("no_such_recording", "no_such_clip"),
            422: ("clip_unreadable", "recording_too_long"),
            503: ("busy", "transcode_failed"),
        },
    ),
    Operation(
        method="DELETE",
        path="/recordings/{name}",
        handler=recordings.delete_recording,
        summary="Delete a recording and its MP4.",
        tag="recordings",
        parts=recordings.RecordingPart,
        token=True,
        answers={204: EMPTY},
        errors={404: ("no_such_recording",)},
    ),
)
