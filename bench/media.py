"""The test material: a camera and a microphone, encoded once and kept in the temporary folder."""

from __future__ import annotations

import os
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av

SECONDS = 20
BIT_RATE = {"video": 1_600_000, "audio": 48_000}
FRAME_RATE = 30

VideoCodec = Literal["vp8", "h264"]

_ENCODERS = {
    "vp8": ("libvpx", {"deadline": "realtime", "cpu-used": "8", "auto-alt-ref": "0", "lag-in-frames": "0"}),
    "h264": ("libx264", {"preset": "veryfast", "tune": "zerolatency", "profile": "baseline"}),
}
_CONSTANT = {"minrate": str(BIT_RATE["video"]), "maxrate": str(BIT_RATE["video"]), "bufsize": "800000"}
"""Without it an encoder of these real-time settings gives a tenth more than it is asked for."""


def material(codec: VideoCodec = "vp8", size: tuple[int, int] = (1280, 720)) -> Path:
    """A Matroska file of 720p30 video at 1.6 Mb/s with a keyframe a second, and stereo Opus at 48 kb/s; 20 s
    long."""
    path = Path(tempfile.gettempdir()) / f"mien-bench-{codec}-{size[0]}x{size[1]}-v2.mkv"
    if not path.exists():
        part = path.with_suffix(f".{os.getpid()}.part")  # others may be making it at this moment
        _encode(part, codec, size)
        part.replace(path)
    return path


def _encode(path: Path, codec: VideoCodec, size: tuple[int, int]) -> None:
    encoder, options = _ENCODERS[codec]
    with av.open(str(path), "w", format="matroska") as output:
        video = output.add_stream(encoder, rate=FRAME_RATE, options=options | _CONSTANT)
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.bit_rate, video.gop_size, video.max_b_frames = BIT_RATE["video"], FRAME_RATE, 0
        audio = output.add_stream("libopus", rate=48_000, layout="stereo")
        assert isinstance(audio, av.AudioStream)
        audio.bit_rate = BIT_RATE["audio"]
        with av.open(f"mandelbrot=s={size[0]}x{size[1]}:r={FRAME_RATE}", format="lavfi") as source:
            for index, picture in enumerate(source.decode(video=0)):
                if index == SECONDS * FRAME_RATE:
                    break
                picture = picture.reformat(format="yuv420p")
                picture.pts, picture.time_base = index, Fraction(1, FRAME_RATE)
                output.mux(video.encode(picture))
        resampler = av.AudioResampler(format="s16", layout="stereo", rate=48_000, frame_size=960)
        with av.open(f"sine=f=440:r=48000:d={SECONDS}", format="lavfi") as source:
            for sound in source.decode(audio=0):
                for chunk in resampler.resample(sound):
                    output.mux(audio.encode(chunk))
        output.mux(video.encode(None))
        output.mux(audio.encode(None))
