from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from models.base import ClipUnreadable
from models.thumbnail import NoVideo, thumbnail
from tests import media


def test_a_thumbnail_is_a_small_jpeg_of_the_first_frame(vp8: bytes) -> None:
    image = Image.open(BytesIO(thumbnail(vp8)))
    assert (image.format, image.size) == ("JPEG", (320, 240))
    assert image.convert("L").getextrema()[1] > 100


def test_sound_alone_has_no_thumbnail(wav: Path) -> None:
    with pytest.raises(NoVideo):
        thumbnail(media.encode_clip([], 15, wav=wav))


def test_garbage_has_no_thumbnail() -> None:
    with pytest.raises(ClipUnreadable):
        thumbnail(b"garbage")
