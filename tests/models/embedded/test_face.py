from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.embedded.face import FAR, NEAR, Face, FaceDetector, anchors, blend, decode, overlap
from tests import media


def test_anchors_are_cell_centres_in_the_networks_order() -> None:
    near = anchors(NEAR.grids)
    assert near.shape == (896, 2)
    assert near[0] == pytest.approx([1 / 32, 1 / 32])
    assert near[2] == pytest.approx([3 / 32, 1 / 32])  # two anchors a cell, x runs first
    assert near[512] == pytest.approx([1 / 16, 1 / 16])
    assert anchors(FAR.grids).shape == (2304, 2)


def test_a_box_is_decoded_around_its_anchor() -> None:
    at = np.array([[0.5, 0.5], [0.25, 0.75]], dtype=np.float32)
    offsets = np.zeros((2, 16), dtype=np.float32)
    offsets[1, :4] = [12.8, 0, 25.6, 51.2]
    scores, points = decode(offsets, np.array([[-3.0], [2.0]], dtype=np.float32), at, 128)
    assert scores == pytest.approx([0.881], abs=0.001)
    assert points[0, 0] == pytest.approx([0.25, 0.55], abs=1e-6)
    assert points[0, 1] == pytest.approx([0.45, 0.95], abs=1e-6)
    assert points[0, 2] == pytest.approx([0.25, 0.75], abs=1e-6)


def test_overlap_is_intersection_over_union() -> None:
    box = np.array([[0.0, 0.0], [1.0, 1.0]])
    others = np.array([[[0.5, 0.0], [1.5, 1.0]], [[2.0, 2.0], [3.0, 3.0]], [[0.0, 0.0], [1.0, 1.0]]])
    assert overlap(box, others) == pytest.approx([1 / 3, 0, 1])


def test_overlapping_detections_are_averaged_by_score() -> None:
    boxes = np.array([[[0.0, 0.0], [1.0, 1.0]], [[0.1, 0.0], [1.1, 1.0]], [[5.0, 5.0], [6.0, 6.0]]])
    faces = blend(np.array([0.9, 0.6, 0.5]), boxes)
    assert [score for score, _ in faces] == [0.9, 0.5]
    assert faces[0][1][0, 0] == pytest.approx(0.04)


@given(st.lists(st.tuples(*[st.floats(0, 1)] * 4, st.floats(0.5, 1)), max_size=20))
def test_blending_ends_and_loses_no_face(rows: list[tuple[float, ...]]) -> None:
    rows.sort(key=lambda row: -row[4])
    corners = np.array([row[:4] for row in rows]).reshape(-1, 2, 2)
    faces = blend(np.array([row[4] for row in rows]), corners)
    assert (len(faces) > 0) == (len(rows) > 0)
    assert len(faces) <= len(rows)


@pytest.mark.parametrize(("variant", "widths"), [(NEAR, (110, 200, 320)), (FAR, (45, 80, 200))])
def test_each_detector_finds_the_faces_it_is_for(variant: object, widths: tuple[int, ...]) -> None:
    detector = FaceDetector(variant)  # type: ignore[arg-type]
    for width in widths:
        (frame,) = media.astronaut_frames(1, face=width)
        faces = detector(Image.fromarray(frame))
        assert faces
        assert faces[0].centre == pytest.approx([320, 240], abs=0.2 * width)
        assert faces[0].size == pytest.approx(width, rel=0.25)


def test_no_face_is_found_where_there_is_none() -> None:
    for variant in (NEAR, FAR):
        assert not any(FaceDetector(variant)(Image.fromarray(frame)) for frame in media.faceless_frames(5))


def test_the_roll_is_that_of_the_eyes() -> None:
    (frame,) = media.astronaut_frames(1)
    detector = FaceDetector(NEAR)
    upright = detector(Image.fromarray(frame))[0].roll
    turned = detector(Image.fromarray(frame).rotate(-30))[0].roll
    assert np.degrees(turned - upright) == pytest.approx(30, abs=6)


def test_a_box_is_given_in_shares_of_the_picture_and_none_of_it_outside() -> None:
    inside = Face(1.0, np.array([160.0, 120.0, 320.0, 360.0]), np.zeros((6, 2))).within(640, 480)
    assert (inside.x, inside.y, inside.width, inside.height) == (0.25, 0.25, 0.25, 0.5)
    cut = Face(1.0, np.array([-64.0, 240.0, 64.0, 600.0]), np.zeros((6, 2))).within(640, 480)
    assert (cut.x, cut.y, cut.width, cut.height) == (0.0, 0.5, 0.1, 0.5)
