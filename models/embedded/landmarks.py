"""Where a face looks: the 468 points of FaceMesh and the pose they give.

Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs", 2019 (arXiv 1907.06724).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import radians

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.embedded.crop import affine, crop
from models.embedded.face import Face
from models.embedded.network import Network
from models.embedded.wheels import FACE_MESH

INPUT_SIZE = 192
MARGIN = 1.5
"""Side of the network's view over the side of the detected box."""

FOREHEAD, CHIN, RIGHT_CHEEK, LEFT_CHEEK = 10, 152, 234, 454
RIGHT_EYE = (33, 133)
LEFT_EYE = (362, 263)


LEVEL_PITCH = radians(10)
"""By how much the line from forehead to chin leans in a face that looks straight ahead."""


@dataclass(frozen=True, slots=True)
class Mesh:
    """A face's surface. `points` (468, 3): x and y in picture pixels, z in the same scale, away from the camera.

    `presence` in [0, 1] is the network's own belief that it looks at a face. Angles are in radians: `yaw`
    positive where the face turns to the picture's right, `pitch` positive where it looks down.
    """

    presence: float
    points: NDArray[np.floating]
    roll: float
    yaw: float
    pitch: float


def pose(points: NDArray[np.floating]) -> tuple[float, float, float]:
    """Roll, yaw and pitch in radians of mesh points (468, 3), from the plane of cheeks, forehead and chin."""
    across = points[LEFT_CHEEK] - points[RIGHT_CHEEK]
    down = points[CHIN] - points[FOREHEAD]
    out = np.cross(down, across)
    out = out / max(float(np.linalg.norm(out)), 1e-9)
    eyes = points[list(LEFT_EYE)].mean(axis=0) - points[list(RIGHT_EYE)].mean(axis=0)
    roll = float(np.arctan2(eyes[1], eyes[0]))
    # Yaw and pitch are those of the upright head: undo the roll first.
    x = out[0] * np.cos(roll) + out[1] * np.sin(roll)
    y = out[1] * np.cos(roll) - out[0] * np.sin(roll)
    return roll, float(np.arctan2(x, -out[2])), float(np.arctan2(y, -out[2])) - LEVEL_PITCH


class FaceMesh:
    """Lays a mesh over a detected face."""

    def __init__(self) -> None:
        """Raises `EngineUnavailable`."""
        self._network = Network(FACE_MESH)

    def __call__(self, image: Image.Image, face: Face) -> Mesh:
        """The mesh of one face of an RGB image."""
        side = face.size * MARGIN
        centre = (float(face.centre[0]), float(face.centre[1]))
        view = crop(image, centre, side, face.roll, INPUT_SIZE)
        outputs = self._network(np.asarray(view, dtype=np.float32) / np.float32(255))
        surface, presence = sorted(outputs, key=np.size, reverse=True)
        a, b, c, d, e, f = affine(centre, side, face.roll, INPUT_SIZE)
        x, y, z = surface.reshape(-1, 3).T
        points = np.stack([a * x + b * y + c, d * x + e * y + f, z * side / INPUT_SIZE], axis=1)
        points = points.astype(np.float32)
        logit = float(np.clip(presence.item(), -80, 80))
        return Mesh(1 / (1 + float(np.exp(-logit))), points, *pose(points))
