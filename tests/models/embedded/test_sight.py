from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter
from skimage import data

from models.base import EMOTIONS
from models.embedded.expression import ExpressionNetworks, join
from models.embedded.face import NEAR, FaceDetector
from models.embedded.sight import MIN_FACE, USUAL_BRIGHTNESS, Sight, brightened
from tests import media


@pytest.fixture(scope="module")
def sight() -> Sight:
    return Sight()


@pytest.mark.parametrize(
    ("face", "brightness", "size"),
    [(60, 1, (640, 480)), (120, 1, (640, 480)), (300, 1, (640, 480)), (200, 0.4, (640, 480)), (200, 1, (480, 640)),
     (400, 1, (1280, 720))],
)  # fmt: skip
def test_a_good_face_reads_as_happy(sight: Sight, face: int, brightness: float, size: media.Size) -> None:
    (frame,) = media.astronaut_frames(1, size, face=face, brightness=brightness)
    chip = sight(frame).read
    assert isinstance(chip, Image.Image)
    assert (chip.size, chip.mode) == ((200, 200), "L")
    assert EMOTIONS[int(join(*ExpressionNetworks()(chip)).argmax())] == "happy"


@pytest.mark.parametrize("degrees", [-40, -20, 20, 40])
def test_a_head_held_aslant_reads_as_happy(sight: Sight, degrees: int) -> None:
    turned = Image.fromarray(media.astronaut_frames(1)[0]).rotate(degrees)
    chip = sight(np.asarray(turned)).read
    assert isinstance(chip, Image.Image)
    assert EMOTIONS[int(join(*ExpressionNetworks()(chip)).argmax())] == "happy"


def test_no_face_is_said(sight: Sight) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    assert [sight(frame).read for frame in (*media.faceless_frames(3), noise)] == ["no_face"] * 4


def test_a_face_too_small_is_said(sight: Sight) -> None:
    assert sight(media.astronaut_frames(1, face=40)[0]).read == "face_too_small"


def test_what_the_mesh_does_not_take_for_a_face_is_passed_over(sight: Sight) -> None:
    # skimage's whole picture, so small that the quick detector takes head and shoulders for one face
    image = Image.new("RGB", (640, 480), (90, 90, 90))
    image.paste(Image.fromarray(data.astronaut()).resize((154, 154), Image.Resampling.LANCZOS), (253, 206))
    assert any(face.size > MIN_FACE for face in FaceDetector(NEAR)(image))
    assert sight(np.asarray(image)).read == "face_too_small"


@pytest.mark.parametrize("brightness", [0, 0.05, 0.1])
def test_a_face_too_dark_is_said(sight: Sight, brightness: float) -> None:
    assert sight(media.astronaut_frames(1, brightness=brightness)[0]).read == "too_dark"


def test_a_face_in_profile_is_said_to_be_turned_away(sight: Sight) -> None:
    # skimage's cameraman: the one face seen from its side that anyone may use
    profile = np.repeat(data.camera()[..., None], 3, axis=2)
    assert sight(np.ascontiguousarray(profile)).read == "turned_away"


def test_dim_chips_are_raised_and_bright_ones_left() -> None:
    dim = Image.new("L", (10, 10), 25)
    assert np.asarray(brightened(dim, 25)).mean() == pytest.approx(USUAL_BRIGHTNESS)
    bright = Image.new("L", (10, 10), 180)
    assert brightened(bright, 180) is bright


def test_a_blurred_face_is_said_and_a_slightly_soft_one_read(sight: Sight) -> None:
    frame = Image.fromarray(media.astronaut_frames(1)[0])
    blurred, soft = (np.asarray(frame.filter(ImageFilter.GaussianBlur(radius))) for radius in (9, 2))
    assert sight(blurred).read == "blurred"
    assert isinstance(sight(soft).read, Image.Image)


def test_of_two_faces_the_one_looked_at_last_is_kept_until_another_is_clearly_larger(sight: Sight) -> None:
    def beside(left: int, right: int) -> np.ndarray:
        frames = [media.astronaut_frames(1, (480, 480), face=face)[0] for face in (left, right)]
        return np.ascontiguousarray(np.concatenate(frames, axis=1))

    first = sight(beside(200, 180))
    assert first.face is not None and first.face.centre[0] < 480
    swayed = sight(beside(180, 200), first).face
    assert swayed is not None and swayed.centre[0] < 480
    smaller = Image.fromarray(beside(180, 200)).resize((480, 240), Image.Resampling.BOX)
    shrunk = sight(np.asarray(smaller), first).face
    assert shrunk is not None and shrunk.centre[0] < 240
    assert (alone := sight(beside(180, 200)).face) is not None and alone.centre[0] > 480
    closer = sight(beside(90, 220), first).face
    assert closer is not None and closer.centre[0] > 480
