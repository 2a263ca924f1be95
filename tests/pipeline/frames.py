"""Encoded frames for tests: made-up ones for the ring, real ones for clips."""

from __future__ import annotations

from bench.caller import Source
from bench.media import VideoCodec, material
from pipeline.bitstream import keyframe_format
from pipeline.frames import EncodedFrame


def made_up(start: float, *, keyframe: bool = True, size: int = 100, codec: str = "vp8", format_=b"\1\2\3\4"):
    """A frame of the right shape that no decoder would take."""
    return EncodedFrame(
        codec=codec, data=bytes(size), start=start, keyframe=keyframe, format=format_ if keyframe else None
    )


def real(codec: VideoCodec = "vp8", seconds: float = 8.0) -> tuple[list[EncodedFrame], list[EncodedFrame]]:
    """Video with a keyframe a second, and audio."""
    source = Source.read(material(codec, (320, 240)))
    video = []
    for start, data in source.packets["video"]:
        format_ = keyframe_format(codec, data)
        video.append(
            EncodedFrame(
                codec=codec, data=data, start=start + 1, keyframe=format_ is not None, format=format_
            )
        )
    audio = [
        EncodedFrame(codec="opus", data=data, start=start + 1, keyframe=True)
        for start, data in source.packets["audio"]
    ]
    end = 1 + seconds
    return [f for f in video if f.start < end], [f for f in audio if f.start < end]
