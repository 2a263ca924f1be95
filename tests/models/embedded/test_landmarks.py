from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from models.embedded.face import NEAR, Face, FaceDetector
from models.embedded.landmarks import (
    CHIN,
    FOREHEAD,
    LEFT_CHEEK,
    LEFT_EYE,
    LEVEL_PITCH,
    RIGHT_CHEEK,
    RIGHT_EYE,
    FaceMesh,
    pose,
)
from tests import media


def turned(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """The mesh points that `pose` reads, of a flat face turned by so many degrees."""
    points = np.zeros((468, 3))
    points[RIGHT_CHEEK], points[LEFT_CHEEK] = (-1, 0, 0), (1, 0, 0)
    points[FOREHEAD], points[CHIN] = (0, -1, 0), (0, 1, 0)
    points[list(RIGHT_EYE)], points[list(LEFT_EYE)] = (-0.5, -0.3, 0), (0.5, -0.3, 0)
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return points @ (about_z @ about_y @ about_x).T


@pytest.mark.parametrize(
    "degrees", [(0, 0, 0), (30, 0, 0), (-45, 0, 0), (0, 25, 0), (0, -25, 0), (0, 0, 40), (35, 0, -50)]
)
def test_pose_is_read_from_the_plane_of_the_face(degrees: tuple[float, float, float]) -> None:
    yaw, pitch, roll = degrees
    found_roll, found_yaw, found_pitch = np.degrees(pose(turned(yaw, pitch, roll)))
    assert found_roll == pytest.approx(roll, abs=3)
    assert abs(found_yaw) == pytest.approx(abs(yaw), abs=3)
    assert abs(found_pitch + np.degrees(LEVEL_PITCH)) == pytest.approx(abs(pitch), abs=3)
    if yaw:
        assert np.sign(found_yaw) == np.sign(pose(turned(abs(yaw), 0, 0))[1]) * np.sign(yaw)


def test_a_face_is_believed_and_a_gradient_is_not() -> None:
    mesh = FaceMesh()
    image = Image.fromarray(media.astronaut_frames(1)[0])
    face = FaceDetector(NEAR)(image)[0]
    found = mesh(image, face)
    assert found.presence > 0.99
    assert abs(np.degrees(found.yaw)) < 10
    assert abs(np.degrees(found.pitch)) < 10
    nose = found.points[1, :2]
    assert nose == pytest.approx(face.points[2], abs=0.15 * face.size)
    faceless = Image.fromarray(media.faceless_frames(1)[0])
    assert mesh(faceless, Face(face.score, face.box, face.points)).presence < 0.5
