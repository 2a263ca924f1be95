"""Faces in a picture: BlazeFace, its anchors, its boxes and what is left of them after blending.

Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019 (arXiv 1907.05047).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.base import FaceBox
from models.embedded.network import Network
from models.embedded.wheels import FACE_FAR, FACE_NEAR, WheelFile

Pixels = NDArray[np.floating]


LARGER = 1.6
"""How many times larger than the face that was looked at last another must be to take its place."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the published detectors. `grids` are (cells a side, anchors a cell), anchors of one fixed size."""

    file: WheelFile
    input_size: int
    grids: tuple[tuple[int, int], ...]


NEAR = Variant(FACE_NEAR, 128, ((16, 2), (8, 6)))
"""Faces from about an eighth of the picture's longer side up to all of it."""

FAR = Variant(FACE_FAR, 192, ((48, 1),))
"""Smaller faces, down to a fifteenth; misses those that fill the picture."""

MIN_SCORE = 0.5
SAME_FACE_OVERLAP = 0.3


@dataclass(frozen=True, slots=True)
class Face:
    """A detected face. `box` is (left, top, right, bottom), `points` of shape (6, 2), all in pixels.

    The points are right eye, left eye, nose, mouth, right ear, left ear, as the person has them.
    """

    score: float
    box: Pixels
    points: Pixels

    @property
    def size(self) -> float:
        """The longer side of the box, in pixels."""
        return float(max(self.box[2] - self.box[0], self.box[3] - self.box[1]))

    def scaled(self, factor: float) -> Face:
        """The same face in a picture so many times as large."""
        return Face(self.score, self.box * factor, self.points * factor)

    def within(self, width: int, height: int) -> FaceBox:
        """What of the box lies in a picture of this size in pixels, as shares of its sides."""
        sides = np.array([width, height, width, height])
        left, top, right, bottom = np.clip(self.box / sides, 0, 1).tolist()
        return FaceBox(x=left, y=top, width=right - left, height=bottom - top)

    @property
    def centre(self) -> Pixels:
        """The middle of the box, in pixels."""
        return (self.box[:2] + self.box[2:]) / 2

    @property
    def roll(self) -> float:
        """How far the line through the eyes is turned in the picture's plane, in radians."""
        across = self.points[1] - self.points[0]
        return float(np.arctan2(across[1], across[0]))


def steady(faces: list[Face], last: Face | None) -> list[Face]:
    """Faces, largest first, but before them the one that was looked at last, unless another is clearly larger: two
    people side by side must not take turns."""
    if last is None or not faces:
        return faces
    same = min(faces, key=lambda face: float(np.linalg.norm(face.centre - last.centre)))
    if np.linalg.norm(same.centre - last.centre) > last.size or faces[0].size > LARGER * same.size:
        return faces
    return [same, *(face for face in faces if face is not same)]


def anchors(grids: Sequence[tuple[int, int]]) -> Pixels:
    """Anchor centres of shape (anchors, 2), x and y in [0, 1], in the order of the network's outputs."""
    layers = []
    for cells, each in grids:
        centres = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        y, x = np.meshgrid(centres, centres, indexing="ij")
        layers.append(np.repeat(np.stack([x, y], axis=-1).reshape(-1, 2), each, axis=0))
    return np.concatenate(layers)


def decode(offsets: Pixels, logits: Pixels, at: Pixels, input_size: int) -> tuple[Pixels, Pixels]:
    """Scores (n,) and points (n, 8, 2) in [0, 1] of the anchors that see a face, best first.

    `offsets` (anchors, 16) are box centre, box size and six points, in input pixels from the anchor; of the
    eight points returned, the first two are the box's corners.
    """
    scores = 1 / (1 + np.exp(-np.clip(logits.reshape(-1), -80, 80)))
    best = np.flatnonzero(scores >= MIN_SCORE)
    best = best[np.argsort(-scores[best], kind="stable")]
    pairs = offsets.reshape(len(offsets), -1, 2)[best] / input_size
    centre, half = pairs[:, 0] + at[best], pairs[:, 1] / 2
    points = np.concatenate(
        [np.stack([centre - half, centre + half], axis=1), pairs[:, 2:] + at[best, None]], axis=1
    )
    return scores[best].astype(np.float32), points.astype(np.float32)


def overlap(box: Pixels, boxes: Pixels) -> Pixels:
    """Intersection over union of one box (2, 2) with boxes (n, 2, 2), each as two corners."""
    sides = np.minimum(box[1], boxes[:, 1]) - np.maximum(box[0], boxes[:, 0])
    shared = np.prod(np.maximum(sides, 0), axis=1)
    areas = np.prod(boxes[:, 1] - boxes[:, 0], axis=1)
    ratio: Pixels = shared / np.maximum(np.prod(box[1] - box[0]) + areas - shared, 1e-9)
    return ratio


def blend(scores: Pixels, points: Pixels) -> list[tuple[float, Pixels]]:
    """One (score, points) a face: overlapping detections averaged by score, which jitters less than the best
    alone (section 4 of the paper). Both inputs best first, as `decode` gives them."""
    faces = []
    while len(scores):
        same = overlap(points[0, :2], points[:, :2]) > SAME_FACE_OVERLAP
        same[0] = True  # a box without area overlaps nothing, itself included
        faces.append((float(scores[0]), np.average(points[same], axis=0, weights=scores[same])))
        scores, points = scores[~same], points[~same]
    return faces


class FaceDetector:
    """Finds the faces of a picture with one of the networks."""

    def __init__(self, variant: Variant) -> None:
        """Raises `EngineUnavailable`."""
        self._network = Network(variant.file)
        self._anchors = anchors(variant.grids)
        self._input_size = variant.input_size

    def __call__(self, image: Image.Image) -> list[Face]:
        """The faces of an RGB image, largest first."""
        full = self._input_size
        scale = full / max(image.size)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        margin = ((full - size[0]) // 2, (full - size[1]) // 2)
        canvas = Image.new("RGB", (full, full))
        canvas.paste(image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0), margin)
        offsets, logits = self._network(np.asarray(canvas, dtype=np.float32) / np.float32(127.5) - 1)
        faces = []
        for score, points in blend(*decode(offsets, logits, self._anchors, full)):
            pixels = (points * full - np.asarray(margin, dtype=np.float32)) / np.float32(scale)
            faces.append(Face(score, pixels[:2].reshape(4), pixels[2:]))
        return sorted(faces, key=lambda face: face.size, reverse=True)
