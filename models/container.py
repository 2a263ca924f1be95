"""A container from elsewhere, opened for reading: which formats, nothing beside it, and how large a picture may be."""

from __future__ import annotations

from typing import BinaryIO

import av
from av.container.input import InputContainer
from av.error import FFmpegError

from models.base import ClipUnreadable

FORMATS = "matroska,webm,mov,mp4,m4a,3gp,avi,ogg,wav,mp3,flac,aac,mpeg,mpegts,flv,asf,h264,hevc,ivf,gif"
"""Containers that are opened. Others are refused, above all playlists, which name other files to read."""

MAX_PIXELS = 16 * 1024 * 1024
"""Pixels of a picture: as many as 4096 by 4096. What claims more is not decoded: a header of a few bytes would have
gigabytes taken for it."""

DAMAGE = (FFmpegError, OSError, ValueError)
"""What opening and demuxing raise on damaged data: FFmpeg's errors and, where it seeks nonsense, the file's own."""

_OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "none"}
"""None has another file or address opened."""

_LIMITS = {"max_pixels": str(MAX_PIXELS)}


def opened(file: BinaryIO) -> InputContainer:
    """The container in `file`. Raises `ClipUnreadable`, also where its pictures are too large."""
    if not file.read(1):
        raise ClipUnreadable("it is empty")
    file.seek(0)
    try:
        container = av.open(file, "r", options=_LIMITS, container_options=_OPTIONS, metadata_errors="replace")
    except DAMAGE as error:
        raise ClipUnreadable(f"not a video or sound file that can be read: {words(error)}") from error
    try:
        for video in container.streams.video:
            bound(video)
    except ClipUnreadable:
        container.close()
        raise
    return container


def words(error: Exception) -> str:
    """What went wrong, as FFmpeg or the system puts it."""
    return (isinstance(error, FFmpegError | OSError) and error.strerror) or str(error)


def bound(video: av.VideoStream) -> None:
    """Have the decoder refuse larger pictures, also where they grow on the way. Raises `ClipUnreadable`."""
    context: object = video.codec_context
    if context is None:  # a codec that is not known
        return
    if video.width * video.height > MAX_PIXELS:
        raise ClipUnreadable(f"its pictures are too large: {video.width} by {video.height} pixels")
    video.codec_context.options = dict(_LIMITS)
