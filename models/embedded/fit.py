"""Fits the calibration of the two expression networks on labelled faces, and says how good it is on others.

    python -m models.embedded.fit FOLDER --labels labels.csv

The CSV has the columns `file` (in FOLDER) and `label`. Files whose crc32 of the name is even are fitted on, the
others are the test. Prints the `Calibration` to put into expression.py.
"""

from __future__ import annotations

import argparse
import csv
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from models.base import EMOTIONS
from models.embedded.expression import FLOOR, Calibration, ExpressionNetworks, join
from models.embedded.sight import Sight
from models.metrics import lines, measure

STEPS, RATE, SHRINKAGE = 4000, 0.1, 0.02

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Faces:
    """Both networks' opinions (n, 7) on labelled faces, the labels (n,) and which faces are the test's (n,)."""

    small: Array
    large: Array
    labels: NDArray[np.int64]
    test: NDArray[np.bool_]


def gather(folder: Path, labels: Path) -> Faces:
    """Ask the networks about each labelled picture with a readable face; files that are no pictures are passed over."""
    sight, networks = Sight(), ExpressionNetworks()
    small, large, names, kinds = [], [], [], []
    with labels.open(newline="") as file:
        for row in csv.DictReader(file):
            try:
                image = Image.open(folder / row["file"]).convert("RGB")
            except (OSError, UnidentifiedImageError):
                continue
            chip = sight(np.asarray(image)).read
            if isinstance(chip, Image.Image):
                opinions = networks(chip)
                small.append(opinions[0])
                large.append(opinions[1])
                names.append(row["file"])
                kinds.append(EMOTIONS.index(row["label"]))
    test = [zlib.crc32(name.encode()) % 2 == 1 for name in names]
    return Faces(
        np.array(small), np.array(large), np.array(kinds, dtype=np.int64), np.array(test, dtype=np.bool_)
    )


def fit(small: Array, large: Array, labels: NDArray[np.int64]) -> Calibration:
    """Minimise the mean negative log-likelihood, the offsets held near 0, by gradient descent: it is convex."""
    inputs = np.stack([np.log(small + FLOOR), np.log(large + FLOOR)])
    truth = np.eye(len(EMOTIONS))[labels]
    weights, offsets = np.full(2, 0.25), np.zeros(len(EMOTIONS))
    for _ in range(STEPS):
        now = Calibration(small=weights[0], large=weights[1], offsets=tuple(offsets))
        error = (join(small, large, now) - truth) / len(labels)
        weights = np.maximum(weights - RATE * (inputs * error).sum(axis=(1, 2)), 0)
        offsets = offsets - RATE * (error.sum(axis=0) + 2 * SHRINKAGE * offsets)
    rounded = [round(float(value), 2) for value in (*weights, *offsets)]
    return Calibration(small=rounded[0], large=rounded[1], offsets=tuple(rounded[2:]))


def report(probabilities: Array, labels: NDArray[np.int64]) -> str:
    """The metrics of probabilities (n, 7) against labels (n,), in lines."""
    named = [EMOTIONS[at] for at in probabilities.argmax(axis=1)]
    confidences = [float(share) for share in probabilities.max(axis=1)]
    return "\n".join(lines(measure([EMOTIONS[at] for at in labels], named, confidences)))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m models.embedded.fit", description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--labels", type=Path, required=True)
    arguments = parser.parse_args()
    faces = gather(arguments.folder, arguments.labels)
    train, test = ~faces.test, faces.test
    if not (train.any() and test.any()):
        parser.error("there must be readable faces on both sides of the split")
    calibration = fit(faces.small[train], faces.large[train], faces.labels[train])
    print(calibration)
    plain = Calibration(small=0.5, large=0.5, offsets=(0.0,) * len(EMOTIONS))
    for name, each in (("plain geometric mean", plain), ("calibrated", calibration)):
        print(name, report(join(faces.small[test], faces.large[test], each), faces.labels[test]), sep="\n")


if __name__ == "__main__":
    main()
