from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.base import Look
from models.qwen.pictures import (
    CPU_PIXELS,
    DEFAULTS,
    GPU_PIXELS,
    Patching,
    size_for,
    video_of,
)
from models.selection import MOST_LOOKS
from tests import media
from tests.models.qwen.conftest import looks_of

PATCHING = Patching(
    patch=14, merge=2, temporal=2, mean=DEFAULTS["qwen2.5"][0], deviation=DEFAULTS["qwen2.5"][1]
)


def noise(height: int, width: int, seed: int = 0) -> media.Frame:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_patches_are_those_of_transformers():
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    frames = [noise(300, 400, seed) for seed in range(4)]
    video = video_of(looks_of(frames), PATCHING)
    times, rows, columns = video.grid
    processor = Qwen2VLImageProcessorPil(
        size={"shortest_edge": 128 * 28 * 28, "longest_edge": GPU_PIXELS // 4}
    )
    theirs = processor(images=frames, return_tensors="np")
    assert theirs["image_grid_thw"].tolist() == [[1, rows, columns]] * 4
    assert times == 2
    # An image there is a video of two equal frames: each half of its patches is one of our frames.
    halves = theirs["pixel_values"].reshape(4, rows * columns, 3, 2, 14 * 14)[:, :, :, 0]
    ours = video.patches.reshape(2, rows * columns, 3, 2, 14 * 14)
    for at in range(4):
        assert np.allclose(ours[at // 2, :, :, at % 2], halves[at], atol=1e-5)


def test_a_small_video_is_cut_where_one_would_cut_it_by_hand():
    # One token of two by two patches of two pixels: first the left and right patch of the upper row, each with all
    # of one colour at one time before the next.
    small = Patching(patch=2, merge=2, temporal=1, mean=(0, 0, 0), deviation=(1 / 255,) * 3)
    frame = np.arange(4 * 4 * 3, dtype=np.uint8).reshape(4, 4, 3)
    side = size_for((4, 4), 1, small)[0]
    video = video_of([Look(time=0, rgb=frame.repeat(side // 4, axis=0).repeat(side // 4, axis=1))], small)
    assert video.grid == (1, side // 2, side // 2)
    big = side // 4
    first = [frame[y // big, x // big] for y in (0, 1) for x in (0, 1)]
    assert np.allclose(video.patches[0], np.array(first).T.ravel(), atol=1e-3)
    second = [frame[y // big, x // big] for y in (0, 1) for x in (2, 3)]
    assert np.allclose(video.patches[1], np.array(second).T.ravel(), atol=1e-3)
    below = [frame[y // big, x // big] for y in (2, 3) for x in (0, 1)]
    assert np.allclose(video.patches[2], np.array(below).T.ravel(), atol=1e-3)


@pytest.mark.parametrize(("looks", "times"), [(1, 1), (2, 1), (3, 2), (5, 3), (8, 4), (30, 4)])
def test_any_number_of_looks_is_a_video_of_at_most_eight(looks, times):
    video = video_of(looks_of([noise(90, 120, seed) for seed in range(looks)]), PATCHING)
    assert video.grid[0] == times
    assert video.patches.shape == (np.prod(video.grid), 3 * 2 * 14 * 14)
    assert video.tokens * 4 == len(video.patches)


def test_an_odd_number_of_looks_ends_with_the_last_one_twice():
    frames = [noise(90, 120, seed) for seed in range(3)]
    odd = video_of(looks_of(frames), PATCHING)
    even = video_of(looks_of([*frames, frames[-1]]), PATCHING)
    assert odd.grid == even.grid
    assert np.array_equal(odd.patches, even.patches)


def test_time_between_looks_is_what_it_was():
    assert video_of(looks_of([noise(90, 120)] * 4, apart=1.5), PATCHING).seconds_per_grid == 3.0
    assert video_of(looks_of([noise(90, 120)]), PATCHING).seconds_per_grid == 0.0


@given(
    height=st.integers(1, 4320),
    width=st.integers(1, 7680),
    looks=st.integers(1, MOST_LOOKS),
    patch=st.sampled_from([14, 16]),
    pixels=st.sampled_from([CPU_PIXELS, GPU_PIXELS]),
)
def test_no_look_is_larger_than_its_share(height, width, looks, patch, pixels):
    patching = Patching(patch=patch, merge=2, temporal=2, mean=(0,) * 3, deviation=(1,) * 3, pixels=pixels)
    rows, columns = size_for((height, width), looks, patching)
    assert rows % (2 * patch) == 0 < rows
    assert columns % (2 * patch) == 0 < columns
    assert rows * columns * looks <= pixels


def test_proportions_are_kept():
    for shape in [(2160, 3840), (480, 640), (1280, 720), (60, 80)]:
        height, width = size_for(shape, 5, PATCHING)
        assert width / height == pytest.approx(shape[1] / shape[0], rel=0.1)


def test_looks_of_a_turned_phone_take_the_shape_of_the_newest():
    video = video_of(looks_of([np.full((160, 90, 3), 255, np.uint8), noise(90, 160)]), PATCHING)
    _, rows, columns = video.grid
    assert columns > rows
    # The upright look stands between black margins: what is at its left edge is darker than what is in its middle.
    first = video.patches.reshape(rows // 2, columns // 2, 2, 2, 3, 2, -1)[..., 0, :].mean(axis=(0, 2, 3, 5))
    darkest, brightest = (-np.array(PATCHING.mean)) / PATCHING.deviation, 1 / np.array(PATCHING.deviation)
    assert np.allclose(first[0], darkest, atol=1e-3)
    assert np.allclose(first[columns // 4], darkest + brightest, atol=1e-3)
