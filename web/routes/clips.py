"""The operations on clips and their pictures."""

from __future__ import annotations

from web import clips
from web.answers import Clips
from web.files import FileQuery
from web.operations import EMPTY, Operation, json
from web.routes.shared import sent

CLIPS = (
    Operation(
        method="GET",
        path="/api/videos",
        handler=clips.list_clips,
        summary="The clips that are kept, newest first.",
        tag="clips",
        query=clips.ClipsQuery,
        answers={200: json(Clips)},
    ),
    Operation(
        method="GET",
        path="/videos",
        handler=clips.list_clips_as_before,
        summary="The same, under the name that the earlier application gave it.",
        tag="clips",
        query=clips.ClipsQuery,
        answers={200: json(Clips)},
    ),
    Operation(
        method="GET",
        path="/videos/{name}",
        handler=clips.clip,
        summary="A clip, as it was recorded or as MP4, whole or in ranges.",
        tag="clips",
        parts=clips.ClipPart,
        query=FileQuery,
        answers=sent("video/webm", "video/mp4"),
        errors={
            404: ("no_such_clip",),
            422: ("clip_unreadable",),
            503: ("busy", "transcode_failed"),
        },
    ),
    Operation(
        method="DELETE",
        path="/videos/{name}",
        handler=clips.delete_clip,
        summary="Delete a clip, its picture and its MP4.",
        tag="clips",
        parts=clips.ClipPart,
        token=True,
        answers={204: EMPTY},
        errors={404: ("no_such_clip",)},
    ),
    Operation(
        method="GET",
        path="/thumbnails/{name}.jpg",
        handler=clips.thumbnail,
        summary="The picture of a clip, made when it is first asked for.",
        tag="clips",
        parts=clips.ClipPart,
        answers=sent("image/jpeg"),
        errors={404: ("no_such_thumbnail",), 503: ("busy", "disk_full", "clips_unwritable")},
    ),
)
