"""What is sent of a window: its looks as a small video, its sound as a WAV file, both as parts of a message."""

from __future__ import annotations

import wave
from base64 import b64encode
from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from models.base import SAMPLE_RATE, DecodedClip, Look
from models.selection import audible, spread

LONGEST_SIDE = 640
"""Pixels of the longer side of the video at most."""

LEAST_APART = 40
"""Milliseconds between pictures of the video at least, for looks at about one time."""

MILLISECOND = Fraction(1, 1000)

Part = dict[str, object]
"""One part of a message's content, as the API has it."""


def picture_of(clip: DecodedClip) -> bytes | None:
    """An MP4 (H.264) of the looks, at their own times; of more than 8, as many evenly spaced. None without looks."""
    if not clip.looks:
        return None
    return mp4([clip.looks[at] for at in spread(len(clip.looks))])


def sound_of(clip: DecodedClip) -> bytes | None:
    """A WAV file (mono, 16 bit, 16 kHz) of the sound; None when there is none to speak of."""
    sound = audible(clip.waveform)
    return None if sound is None else wav(sound)


def mp4(looks: Sequence[Look]) -> bytes:
    """Looks, in order of time and at least one, as H.264. All are fitted into the last one's shape, for a call's
    picture may change its own; a look alone is shown for a second, for a video of no length has no frame rate."""
    looks = looks if len(looks) > 1 else [looks[0], Look(time=looks[0].time + 1, rgb=looks[0].rgb)]
    size = _size(looks[-1].rgb)
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=1000)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "veryfast", "bf": "0", "threads": "1"}
        stream.codec_context.time_base = MILLISECOND
        pts = -LEAST_APART
        for look in looks:
            pts = max(round((look.time - looks[0].time) * 1000), pts + LEAST_APART)
            frame = av.VideoFrame.from_ndarray(_fitted(look.rgb, size), format="rgb24")
            frame.pts, frame.time_base = pts, MILLISECOND
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def wav(waveform: NDArray[np.float32]) -> bytes:
    """Mono float32 in [-1, 1] at 16 kHz as a WAV file, 16 bit."""
    file = BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes((np.clip(waveform, -1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()


def parts(picture: bytes | None, sound: bytes | None, text: str) -> list[Part]:
    """A message's content. The sound is a part of its own: servers hear nothing of a video's."""
    content: list[Part] = []
    if picture is not None:
        url = f"data:video/mp4;base64,{b64encode(picture).decode()}"
        content.append({"type": "video_url", "video_url": {"url": url}})
    if sound is not None:
        audio = {"data": b64encode(sound).decode(), "format": "wav"}
        content.append({"type": "input_audio", "input_audio": audio})
    return [*content, {"type": "text", "text": text}]


def _size(rgb: NDArray[np.uint8]) -> tuple[int, int]:
    """Width and height of the video: even, as 4:2:0 needs."""
    height, width = rgb.shape[:2]
    scale = min(1.0, LONGEST_SIDE / max(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _fitted(rgb: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(ImageOps.pad(Image.fromarray(rgb), size))
