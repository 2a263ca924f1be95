from __future__ import annotations

import csv
import json
import sys
from io import StringIO
from pathlib import Path

import pytest
from PIL import Image

from models.__main__ import main
from models.base import EMOTIONS
from models.embedded import wheels
from models.embedded.wheels import WheelFile
from tests import media


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


def test_a_folder_is_answered_for_as_csv(
    smiling: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", "--csv", str(tmp_path)]) == 0
    (row,) = csv.DictReader(StringIO(capsys.readouterr().out))
    assert (row["file"], row["emotion"], row["engine"]) == (str(smiling), "happy", "embedded")
    assert float(row["confidence"]) == float(row["happy"]) > 0.4


def test_descriptions_come_in_chinese(smiling: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "--language", "zh", str(smiling)]) == 0
    assert "在微笑" in capsys.readouterr().out


def test_an_engine_nobody_set_up_says_what_to_set(smiling: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "--engine", "qwen", str(smiling)]) == 1
    assert "QWEN_MODEL_PATH is not set" in capsys.readouterr().err


def test_settings_come_from_the_environment(
    smiling: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMOTION_ENGINES", "embedded,magic")
    assert main(["analyze", str(smiling)]) == 2
    assert "EMOTION_ENGINES" in capsys.readouterr().err


def test_a_folder_without_media_and_sound_for_many_are_refused(
    smiling: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["analyze", str(tmp_path / "empty")]) == 1
    assert main(["analyze", "--audio", "x.wav", str(smiling), str(smiling)]) == 2
    said = capsys.readouterr().err
    assert "no media files" in said and "--audio goes with one file" in said


@pytest.fixture
def labels(smiling: Path, tmp_path: Path) -> Path:
    Image.fromarray(media.faceless_frames(1)[0]).save(tmp_path / "nobody.png")
    Image.fromarray(media.astronaut_frames(1)[0]).save(tmp_path / "smile.png")
    (tmp_path / "text.mp4").write_text("no video")
    path = tmp_path / "labels.csv"
    path.write_text("file,emotion\nsmile.webm,开心\nsmile.png,sad\nnobody.png,happy\ntext.mp4,anger\n")
    return path


def test_an_engine_is_measured_on_labelled_files(
    labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plot = tmp_path / "plot.svg"
    assert main(["evaluate", "--labels", str(labels), "--plot", str(plot)]) == 0
    printed = capsys.readouterr()
    assert "embedded on 4 files: 2 answered, 1 unknown, 1 unreadable" in printed.out
    assert "accuracy           0.500" in printed.out and "text.mp4" in printed.err
    assert plot.read_text().startswith("<svg")


def test_the_figures_come_as_json_too(
    labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--json", "--labels", str(labels), "--plot", str(tmp_path / "p.svg")]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["engine"], figures["count"], figures["unknown"]) == ("embedded", 2, 1)
    assert figures["confusion"][EMOTIONS.index("happy")][EMOTIONS.index("happy")] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file,emotion\nx.mp4,confused\n", "'confused' is not one of happy, sad"),
        ("name\nx.mp4\n", "line 2 has no file or no emotion"),
        ("file,emotion\n", "there are no labels"),
        (None, "cannot be read"),
    ],
)
def test_labels_that_cannot_be_used_are_said(
    text: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "labels.csv"
    if text is not None:
        path.write_text(text)
    assert main(["evaluate", "--labels", str(path)]) == 1
    assert said in capsys.readouterr().err


def test_figures_are_printed_though_the_plot_cannot_be_written(
    labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--labels", str(labels), "--plot", "/nowhere/plot.svg"]) == 1
    printed = capsys.readouterr()
    assert "accuracy           0.500" in printed.out and "/nowhere/plot.svg cannot be written" in printed.err
