"""A clip's first frame as a small JPEG."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

from models.decode import first_frame

WIDTH = 320
"""Pixels."""

QUALITY = 80


class NoVideo(Exception):
    """A clip has no picture to show."""


def thumbnail(path: Path) -> bytes:
    """A JPEG of `WIDTH` pixels of the first frame. Raises `ClipUnreadable`, and `NoVideo` for sound alone."""
    frame = first_frame(path)
    if frame is None:
        raise NoVideo("the clip has no picture")
    image = Image.fromarray(frame)
    small = image.resize(
        (WIDTH, max(1, round(image.height * WIDTH / image.width))),
        Image.Resampling.BILINEAR,
        reducing_gap=2.0,
    )
    jpeg = BytesIO()
    small.save(jpeg, "JPEG", quality=QUALITY)
    return jpeg.getvalue()
