"""The looks of a clip as the video that Qwen-Omni's vision tower reads: resized, normalized, cut into patches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from models.base import Look
from models.qwen.folder import Folder
from models.selection import spread

GPU_PIXELS, CPU_PIXELS = 1_600_000, 800_000
"""Of all looks together, after resizing: about a thousand of the language model's tokens, or half as many."""

LEAST_TOKENS = 128
"""A look is enlarged to this many tokens' worth of pixels, as the published processors do."""

DEFAULTS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "qwen2.5": ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)),
    "qwen3": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
}
"""Mean and standard deviation of the colours, as published, for a folder that does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patching:
    """How a model's vision tower takes pictures: `patch` pixels a side, `temporal` looks deep, and `merge` x `merge`
    patches a token. `mean` and `deviation` are those of red, green and blue in [0, 1]; `pixels` is how many all looks
    together may have."""

    patch: int
    merge: int
    temporal: int
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    pixels: int = GPU_PIXELS

    @classmethod
    def of(cls, vision_config: Any, folder: Folder, pixels: int) -> Patching:
        """The sizes are the tower's own, which it cannot be given otherwise; the colours are the folder's."""
        mean, deviation = DEFAULTS[folder.family]
        return cls(
            patch=vision_config.patch_size,
            merge=vision_config.spatial_merge_size,
            temporal=vision_config.temporal_patch_size,
            mean=tuple(folder.preprocessing.get("image_mean", mean)),
            deviation=tuple(folder.preprocessing.get("image_std", deviation)),
            pixels=pixels,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """`patches` is float32 of shape (times * rows * columns, 3 * temporal * patch * patch), the patches of one token
    side by side; `grid` is (times, rows, columns), and `seconds_per_grid` the time between two of `times`."""

    patches: NDArray[np.float32]
    grid: tuple[int, int, int]
    seconds_per_grid: float
    tokens: int


def video_of(looks: Sequence[Look], patching: Patching) -> Video:
    """At most `MOST_LOOKS` of the looks, of which there must be one, as one video in the shape of the newest."""
    chosen = [looks[at] for at in spread(len(looks))]
    height, width = size_for(chosen[-1].rgb.shape[:2], len(chosen), patching)
    frames = np.stack([_resized(look.rgb, chosen[-1].rgb.shape[:2], height, width) for look in chosen])
    frames = np.concatenate([frames, frames[-1:].repeat(-len(chosen) % patching.temporal, axis=0)])
    patches, grid = _patches(frames, patching)
    apart = (chosen[-1].time - chosen[0].time) / max(1, len(chosen) - 1)
    return Video(
        patches=_colours(patches, patching),
        grid=grid,
        seconds_per_grid=patching.temporal * apart,
        tokens=len(patches) // patching.merge**2,
    )


def size_for(shape: tuple[int, ...], looks: int, patching: Patching) -> tuple[int, int]:
    """Height and width to which looks of a `shape` are resized: multiples of a token's side, of about the same
    proportions, within what is every look's share of the pixels."""
    side = patching.patch * patching.merge
    height, width = shape[:2]
    most = patching.pixels // looks
    least = min(LEAST_TOKENS * side**2, most)
    rows, columns = max(1, round(height / side)), max(1, round(width / side))
    if rows * columns * side**2 > most:
        scale = sqrt(most / (height * width)) / side
        rows, columns = max(1, floor(height * scale)), max(1, floor(width * scale))
    elif rows * columns * side**2 < least:
        scale = sqrt(least / (height * width)) / side
        rows, columns = ceil(height * scale), ceil(width * scale)
    # A strip of a picture, one token thin, would be over its share in length.
    tokens = most // side**2
    return min(rows, max(1, tokens // columns)) * side, min(columns, max(1, tokens // rows)) * side


def _resized(rgb: NDArray[np.uint8], like: tuple[int, ...], height: int, width: int) -> NDArray[np.uint8]:
    """A look in another shape than the newest, as when a phone is turned, gets black margins."""
    image = Image.fromarray(rgb)
    if rgb.shape[:2] != like:
        image = ImageOps.pad(image, (like[1], like[0]), Image.Resampling.BICUBIC)
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))


def _patches(frames: NDArray[np.uint8], patching: Patching) -> tuple[NDArray[np.uint8], tuple[int, int, int]]:
    """Frames of shape (n, height, width, 3), in the order of `Qwen2VLVideoProcessor.patchify` of transformers."""
    count, height, width, channels = frames.shape
    side, merge, temporal = patching.patch, patching.merge, patching.temporal
    times, rows, columns = count // temporal, height // side, width // side
    blocks = frames.reshape(
        times, temporal, rows // merge, merge, side, columns // merge, merge, side, channels
    )
    ordered = blocks.transpose(0, 2, 5, 3, 6, 8, 1, 4, 7)
    return ordered.reshape(times * rows * columns, -1), (times, rows, columns)


def _colours(patches: NDArray[np.uint8], patching: Patching) -> NDArray[np.float32]:
    """Patches with normalized colours. Done last, on what is already in order: bytes are moved faster than floats."""
    mean, deviation = (np.array(each, np.float32) for each in (patching.mean, patching.deviation))
    colours = patches.reshape(len(patches), len(mean), -1).astype(np.float32)
    colours *= (1 / (255 * deviation))[:, None]
    colours -= (mean / deviation)[:, None]
    return colours.reshape(len(patches), -1)
