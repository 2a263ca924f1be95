from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from models.__main__ import main
from models.embedded import wheels
from models.embedded.wheels import WheelFile


@pytest.fixture
def smiling(tmp_path: Path, vp8: bytes) -> Path:
    path = tmp_path / "smile.webm"
    path.write_bytes(vp8)
    return path


def test_a_file_is_named_window_by_window_and_altogether(
    smiling: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", str(smiling)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "0.0 – 5.0 s  happy" in lines[0]
    assert "smiling" in lines[0]
    assert "altogether: happy  happy 0." in lines[1]


def test_a_broken_file_is_an_error_and_the_others_are_done(
    smiling: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no video at all")
    assert main(["analyze", str(text), str(tmp_path / "none.mp4"), str(smiling)]) == 1
    printed = capsys.readouterr()
    assert "altogether: happy" in printed.out
    errors = [line for line in printed.err.splitlines() if ".mp4: " in line]
    assert [line.split(": ")[0] for line in errors] == [str(text), str(tmp_path / "none.mp4")]


def test_json_holds_everything(smiling: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "--json", str(smiling)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["emotion"] == "happy"
    assert sum(answer["probabilities"].values()) == pytest.approx(1)
    (window,) = answer["windows"]
    assert (window["window_start"], window["emotion"]) == (0.0, "happy")
    assert window["latency"]["total"] > 0


def test_missing_wheels_are_said_in_a_sentence(
    smiling: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = WheelFile("nowhere_at_all", "face-nowhere", "x.tflite")
    monkeypatch.setattr(sys.modules["models.embedded.landmarks"], "FACE_MESH", missing)
    assert missing != wheels.FACE_MESH
    assert main(["analyze", str(smiling)]) == 1
    said = capsys.readouterr().err
    assert "The engine embedded is not available: the package face-nowhere is not installed" in said
    assert "qwen: QWEN_MODEL_PATH is not set" in said
