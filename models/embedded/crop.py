"""A face cut out of a picture: square, turned so that the eyes are level."""

from __future__ import annotations

from math import ceil, cos, sin, sqrt

import numpy as np
from PIL import Image

Affine = tuple[float, float, float, float, float, float]


def affine(centre: tuple[float, float], side: float, roll: float, pixels: int) -> Affine:
    """Maps a point of the crop to the picture: x' = a x + b y + c, y' = d x + e y + f.

    The crop of `pixels` a side shows the square of `side` picture pixels around `centre`, turned by `roll`.
    """
    step = side / pixels
    a, d = step * cos(roll), step * sin(roll)
    x, y = centre
    half = pixels / 2
    return (a, -d, x - half * (a - d), d, a, y - half * (d + a))


def crop(
    image: Image.Image, centre: tuple[float, float], side: float, roll: float, pixels: int
) -> Image.Image:
    """The square described in `affine`; where it leaves the picture, the picture's edge goes on."""
    # An affine transform samples points: where it would skip pixels, shrink the picture first.
    shrink = int(side // pixels)
    if shrink > 1:
        image = image.reduce(shrink)
        centre, side = (centre[0] / shrink, centre[1] / shrink), side / shrink
    image, centre = _with_room(image, centre, side)
    mapping = affine(centre, side, roll, pixels)
    return image.transform(
        (pixels, pixels), Image.Transform.AFFINE, mapping, resample=Image.Resampling.BILINEAR
    )


def _with_room(
    image: Image.Image, centre: tuple[float, float], side: float
) -> tuple[Image.Image, tuple[float, float]]:
    """The picture, its edge repeated so far that the square fits at any angle, and the centre in it.

    The networks never saw black bars: with them, tightly framed faces are misread.
    """
    reach = side * sqrt(0.5) + 1
    before = [max(0, ceil(reach - at)) for at in centre]
    after = [max(0, ceil(at + reach - end)) for at, end in zip(centre, image.size, strict=True)]
    if not any(before + after):
        return image, centre
    (left, top), (right, bottom) = before, after
    pixels = np.asarray(image)
    margins = [(top, bottom), (left, right), (0, 0)][: pixels.ndim]
    padded = Image.fromarray(np.pad(pixels, margins, mode="edge"))
    return padded, (centre[0] + left, centre[1] + top)
