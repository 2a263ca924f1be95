from __future__ import annotations

from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.embedded.crop import affine, crop


@given(st.floats(-1000, 1000), st.floats(-1000, 1000), st.floats(1, 1000), st.floats(-4, 4))
def test_the_middle_of_the_crop_is_the_centre(x: float, y: float, side: float, roll: float) -> None:
    a, b, c, d, e, f = affine((x, y), side, roll, 64)
    assert (a * 32 + b * 32 + c, d * 32 + e * 32 + f) == pytest.approx((x, y), abs=1e-6)
    assert a * e - b * d == pytest.approx((side / 64) ** 2)


def test_a_crop_shows_the_square_it_was_asked_for() -> None:
    picture = np.zeros((100, 100, 3), dtype=np.uint8)
    picture[40:60, 40:60] = 200
    assert np.asarray(crop(Image.fromarray(picture), (50, 50), 20, 0.0, 40)).mean() > 190
    assert np.asarray(crop(Image.fromarray(picture), (20, 20), 20, 0.0, 40)).max() == 0


def test_a_turned_crop_levels_what_is_turned() -> None:
    picture = np.zeros((100, 100), dtype=np.uint8)
    picture[:, 48:52] = 255
    level = np.asarray(crop(Image.fromarray(picture), (50, 50), 40, pi / 2, 40))
    assert level[20].mean() > 200
    assert level[5].mean() < 10


def test_beyond_the_picture_its_edge_goes_on() -> None:
    grey = Image.new("RGB", (50, 40), (90, 90, 90))
    for side in (30, 300):
        assert np.asarray(crop(grey, (0, 0), side, 0.7, 64)).min() == 90


def test_shrinking_averages_instead_of_skipping() -> None:
    stripes = np.tile(np.array([0, 255], dtype=np.uint8), (400, 200))
    shrunk = np.asarray(crop(Image.fromarray(stripes), (200, 200), 380, 0.0, 64)).astype(float)
    assert shrunk.std() < 20
