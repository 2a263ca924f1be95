from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.base import EMOTIONS
from models.embedded.expression import join
from models.embedded.fit import fit, main, report
from models.metrics import measure
from tests import media


def opinions(labels: np.ndarray, sharpness: float, bias: int, rng: np.random.Generator) -> np.ndarray:
    """Overconfident opinions of a network that favours one class."""
    scores = rng.normal(0, 1, (len(labels), 7)) + 1.2 * np.eye(7)[labels]
    scores[:, bias] += 0.8
    powers = np.exp(sharpness * scores)
    return powers / powers.sum(axis=1, keepdims=True)


def calibration_error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    named = [EMOTIONS[at] for at in probabilities.argmax(axis=1)]
    error = measure([EMOTIONS[at] for at in labels], named, list(probabilities.max(axis=1))).calibration_error
    assert error is not None
    return error


def test_fitting_makes_overconfident_opinions_truer() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 7, 2000)
    small, large = opinions(labels, 4, 2, rng), opinions(labels, 4, 5, rng)
    calibration = fit(small[:1000], large[:1000], labels[:1000])
    test = slice(1000, None)
    before = np.sqrt(small * large)
    before /= before.sum(axis=1, keepdims=True)
    after = join(small, large, calibration)
    assert calibration_error(before[test], labels[test]) > 0.15
    assert calibration_error(after[test], labels[test]) < 0.06
    hits = [(each[test].argmax(axis=1) == labels[test]).mean() for each in (before, after)]
    assert hits[1] > hits[0]
    assert min(calibration.offsets) == min(calibration.offsets[2], calibration.offsets[5])


def test_the_report_counts_each_class() -> None:
    text = report(np.eye(7)[[0, 0, 3, 1]], np.array([0, 0, 0, 1]))
    assert "accuracy           0.750" in text
    assert "balanced accuracy  0.833" in text
    assert re.search(r"happy +2 .* 0\.67", text)


@pytest.mark.slow
def test_the_command_fits_on_pictures_and_prints_what_to_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = []
    for at, frame in enumerate(media.astronaut_frames(8)):
        Image.fromarray(frame).save(tmp_path / f"{at * 37}.png")
        rows.append({"file": f"{at * 37}.png", "label": EMOTIONS[at % 2]})
    (tmp_path / "bad.png").write_text("no picture")
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["file", "label"])
        writer.writeheader()
        writer.writerows([*rows, {"file": "bad.png", "label": "happy"}, {"file": "none.png", "label": "sad"}])
    monkeypatch.setattr(sys, "argv", ["fit", str(tmp_path), "--labels", str(tmp_path / "labels.csv")])
    main()
    printed = capsys.readouterr().out
    assert "Calibration(small=" in printed
    assert printed.count("calibration error") == 2
