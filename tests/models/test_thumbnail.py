from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from models.base import ClipUnreadable
from models.thumbnail import NoVideo, thumbnail
from tests import media


def test_a_thumbnail_is_a_small_jpeg_of_the_first_frame(vp8: bytes, tmp_path: Path) -> None:
    image = Image.open(BytesIO(thumbnail(_kept(tmp_path, vp8))))
    assert (image.format, image.size) == ("JPEG", (320, 240))
    assert image.convert("L").getextrema()[1] > 100


def test_sound_alone_has_no_thumbnail(wav: Path, tmp_path: Path) -> None:
    with pytest.raises(NoVideo):
        thumbnail(_kept(tmp_path, media.encode_clip([], 15, wav=wav)))


def test_garbage_and_what_is_gone_have_no_thumbnail(tmp_path: Path) -> None:
    with pytest.raises(ClipUnreadable):
        thumbnail(_kept(tmp_path, b"garbage"))
    with pytest.raises(ClipUnreadable, match="cannot be opened"):
        thumbnail(tmp_path / "gone.webm")


def _kept(folder: Path, data: bytes) -> Path:
    path = folder / "clip.webm"
    path.write_bytes(data)
    return path
