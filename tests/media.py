"""Media made on the spot for the tests: a public-domain smile, a synthetic voice, clips of both."""

from __future__ import annotations

import json
import subprocess
import wave
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Literal

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

Frame = NDArray[np.uint8]
Size = tuple[int, int]

SENTENCE = (
    "Hello there! I am so very glad that you could come. Shall we begin, or would you like to wait a little?"
)
FACE_AT = (224, 128)
"""Where the astronaut's face is in skimage's 512 pixel picture; it is about 95 pixels wide."""


def astronaut_frames(
    n: int, size: Size = (640, 480), *, face: float = 200, brightness: float = 1
) -> list[Frame]:
    """`n` frames (height, width, 3) of a smiling face `face` pixels wide, panned and zoomed a little."""
    picture = Image.fromarray(data.astronaut())
    width, height = size
    frames = []
    for at in range(n):
        zoom = face / 95 * (1 + 0.05 * np.sin(at / 20))
        left = FACE_AT[0] - width / 2 / zoom + 4 * np.sin(at / 15)
        top = FACE_AT[1] - height / 2 / zoom
        frame = picture.transform(
            size, Image.Transform.AFFINE, (1 / zoom, 0, left, 0, 1 / zoom, top), Image.Resampling.BICUBIC
        )
        frames.append((np.asarray(frame) * brightness).astype(np.uint8))
    return frames


def faceless_frames(n: int, size: Size = (640, 480)) -> list[Frame]:
    """`n` frames of a moving gradient."""
    across, down = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    turns = (across + 0.3 * down)[None] + np.arange(n)[:, None, None] / 50
    grey = 90 + 80 * np.sin(2 * np.pi * turns)
    return [np.repeat(each[..., None], 3, axis=2).astype(np.uint8) for each in grey]


def speech_wav(path: Path, text: str = SENTENCE) -> Path:
    """Speech by espeak-ng, written to `path`: mono, 16 bit. Skips the test where espeak-ng is missing."""
    try:
        subprocess.run(["espeak-ng", "-s", "150", "-w", str(path), text], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("espeak-ng is not installed")
    return path


def write_mjpeg(path: Path, frames: Sequence[Frame], fps: int) -> Path:
    """A raw MJPEG file as Chromium's fake camera takes it; it plays the pictures at its own `fps`."""
    del fps  # the format has no place for it
    with path.open("wb") as file:
        for frame in frames:
            Image.fromarray(frame).save(file, "JPEG", quality=90)
    return path


def encode_clip(
    frames: Sequence[Frame],
    fps: int,
    codec: Literal["vp8", "h264"] = "vp8",
    wav: Path | None = None,
    *,
    keyframes_every: float = 1.0,
) -> bytes:
    """WebM (VP8, Opus) or MP4 (H264, Opus) of frames and sound, a keyframe each second; either may be missing.

    The sound is cut or padded to the length of the frames where there are any.
    """
    file = BytesIO()
    with av.open(file, "w", format={"vp8": "webm", "h264": "mp4"}[codec]) as container:
        if frames:
            video = container.add_stream({"vp8": "libvpx", "h264": "libx264"}[codec], rate=fps)
            video.height, video.width = frames[0].shape[:2]
            video.pix_fmt = "yuv420p"
            video.bit_rate = 1_500_000
            video.options = _options(codec, round(fps * keyframes_every))
        audio = container.add_stream("libopus", rate=48000, layout="mono") if wav else None
        for frame in frames:
            container.mux(video.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        if frames:
            container.mux(video.encode(None))
        if audio and wav:
            for sound in _sound(wav, len(frames) / fps if frames else None):
                container.mux(audio.encode(sound))
            container.mux(audio.encode(None))
    return file.getvalue()


def _options(codec: str, every: int) -> dict[str, str]:
    if codec == "vp8":
        return {
            "deadline": "realtime",
            "cpu-used": "8",
            "g": str(every),
            "keyint_min": str(every),
            "auto-alt-ref": "0",
        }
    return {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "g": str(every), "bf": "0"}


def _sound(path: Path, seconds: float | None) -> list[av.AudioFrame]:
    with wave.open(str(path)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
    if seconds is not None:
        samples = np.resize(samples, round(seconds * rate))
    resampler = av.AudioResampler(format="s16", layout="mono", rate=48000, frame_size=960)
    frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
    frame.sample_rate, frame.pts = rate, 0
    return [*resampler.resample(frame), *resampler.resample(None)]


def probed(path):
    """The profiles of a file's streams by their codecs; ffprobe must not complain of it."""
    asked = ["-show_entries", "stream=codec_name,profile", "-of", "json", str(path)]
    done = subprocess.run(
        ["ffprobe", "-v", "error", *asked], capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stderr == ""
    return {stream["codec_name"]: stream.get("profile") for stream in json.loads(done.stdout)["streams"]}
