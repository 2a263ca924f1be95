"""The face in a frame, ready for the expression networks, or why there is nothing honest to say about it."""

from __future__ import annotations

from dataclasses import dataclass
from math import radians

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.base import UnknownReason
from models.embedded.crop import crop
from models.embedded.expression import CHIP
from models.embedded.face import FAR, NEAR, Face, FaceDetector, steady
from models.embedded.landmarks import FaceMesh, Mesh
from models.embedded.sharpness import sharpness

MIN_PRESENCE = 0.5
"""Of the mesh network's own belief in a face: above 0.99 for faces, near 0 for what only resembles one."""

MIN_FACE = 48
"""Pixels of the face's longer side. Labelled faces shrunk to this lose 5 to 7 points of accuracy, to 40 pixels 16."""

MAX_YAW, MAX_PITCH = radians(30), radians(22)
"""Beyond this yaw, accuracy on labelled faces falls from 60 % to below 30 %, and looking further up than this to a
third. How far down a face may look was not measured, for want of such faces: the limit is taken from looking up."""

BLURRED = 0.125
"""Sharpness below which a face is blurred. Labelled faces as they are all lie above it; of those blurred by 3.5 % of
their width, where accuracy has fallen from 55 % to 34 %, it refuses three in four."""

DARKEST_FACE, DARKEST_FRAME = 20, 16
"""Mean grey of 255 below which a face, or a frame in which none is found, is too dark."""

USUAL_BRIGHTNESS = 100
"""Mean grey to which darker faces are raised. With pictures dimmed in software it wins back nearly all of the accuracy
that dimness costs; a dark room adds more noise than that."""

MARGIN, RAISE = 1.3, 0.1
"""The networks' view: its side over the mesh's, and how much of the mesh's side it is moved to the hair."""

CANDIDATES = 2
"""Faces of a frame that are tried, largest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The face that was looked at, if any, in the pixels of a picture so `wide`; and its chip for the expression
    networks or why there is none."""

    face: Face | None
    wide: int
    read: Image.Image | UnknownReason


class Sight:
    """Looks at frames."""

    def __init__(self) -> None:
        """Raises `EngineUnavailable`."""
        self._detectors = (FaceDetector(NEAR), FaceDetector(FAR))
        self._mesh = FaceMesh()

    def __call__(self, rgb: NDArray[np.uint8], last: Sighting | None = None) -> Sighting:
        """The largest face of a frame (height, width, 3), or the one looked at last, as a grey chip or why not."""
        image = Image.fromarray(rgb)
        # A caller's picture changes its size with the network.
        before = last.face.scaled(image.width / last.wide) if last is not None and last.face else None
        found = self.find(image, before)
        if found is None:
            dark = float(rgb[::8, ::8].mean()) < DARKEST_FRAME
            return Sighting(face=None, wide=image.width, read="too_dark" if dark else "no_face")
        return Sighting(face=found[0], wide=image.width, read=self._read(image, *found))

    def _read(self, image: Image.Image, face: Face, mesh: Mesh) -> Image.Image | UnknownReason:
        if face.size < MIN_FACE:
            return "face_too_small"
        if abs(mesh.yaw) > MAX_YAW or abs(mesh.pitch) > MAX_PITCH:
            return "turned_away"
        chip = face_chip(image, mesh)
        brightness = float(np.asarray(chip).mean())
        if brightness < DARKEST_FACE:
            return "too_dark"
        return "blurred" if sharpness(chip) < BLURRED else brightened(chip, brightness)

    def find(self, image: Image.Image, last: Face | None = None) -> tuple[Face, Mesh] | None:
        """The largest face that the mesh confirms, or the one looked at last; the slower detector looks only where
        the quicker found none."""
        for detector in self._detectors:
            for face in steady(detector(image), last)[:CANDIDATES]:
                mesh = self._mesh(image, face)
                if mesh.presence >= MIN_PRESENCE:
                    return face, mesh
        return None


def brightened(chip: Image.Image, brightness: float) -> Image.Image:
    """The chip, multiplied up to the usual brightness if it is darker."""
    gain = USUAL_BRIGHTNESS / brightness
    return chip.point(lambda grey: min(255, round(grey * gain))) if gain > 1 else chip


def face_chip(image: Image.Image, mesh: Mesh) -> Image.Image:
    """The grey square of `CHIP` pixels a side that holds a face, eyes level."""
    right = np.array([np.cos(mesh.roll), np.sin(mesh.roll)])
    down = np.array([-right[1], right[0]])
    across, along = mesh.points[:, :2] @ right, mesh.points[:, :2] @ down
    side = max(np.ptp(across), np.ptp(along))
    x, y = (np.min(across) + np.max(across)) / 2, (np.min(along) + np.max(along)) / 2 - side * RAISE
    centre = x * right + y * down
    return crop(image, (centre[0], centre[1]), float(side * MARGIN), mesh.roll, CHIP).convert("L")
