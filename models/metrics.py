"""How good named classes and their probabilities are against labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.base import EMOTIONS, Emotion

BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Answers whose confidence lies in one tenth: how many, their mean confidence, and the share that was right."""

    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """`confusion` counts (labelled, named) pairs, rows and columns in the order of `EMOTIONS`. Balanced accuracy and
    macro-F1 are means over the classes that were labelled at least once. `calibration_error` is the expected one over
    ten bins (Guo et al. 2017); it and `bins` cover the answers that came with a confidence."""

    count: int
    accuracy: float
    balanced_accuracy: float
    macro_f1: float
    recall: dict[Emotion, float]
    precision: dict[Emotion, float]
    confusion: NDArray[np.int64]
    calibration_error: float | None
    bins: tuple[Bin, ...]


def measure(
    labels: Sequence[Emotion], named: Sequence[Emotion], confidences: Sequence[float | None]
) -> Metrics:
    """The metrics of answers against labels, at least one, all three of one length. Raises `ValueError`."""
    if not labels:
        raise ValueError("there is nothing to measure")
    places = {emotion: place for place, emotion in enumerate(EMOTIONS)}
    confusion = np.zeros((len(EMOTIONS), len(EMOTIONS)), dtype=np.int64)
    for label, name in zip(labels, named, strict=True):
        confusion[places[label], places[name]] += 1
    right = np.diag(confusion)
    labelled, answered = confusion.sum(axis=1), confusion.sum(axis=0)
    recall, precision = right / np.maximum(labelled, 1), right / np.maximum(answered, 1)
    f1 = 2 * right / np.maximum(labelled + answered, 1)
    there = labelled > 0
    right_or_not = [label == name for label, name in zip(labels, named, strict=True)]
    bins = binned(confidences, right_or_not)
    return Metrics(
        count=len(labels),
        accuracy=float(right.sum() / len(labels)),
        balanced_accuracy=float(recall[there].mean()),
        macro_f1=float(f1[there].mean()),
        recall={emotion: float(recall[at]) for emotion, at in places.items() if there[at]},
        precision={emotion: float(precision[at]) for emotion, at in places.items() if answered[at]},
        confusion=confusion,
        calibration_error=gap(bins),
        bins=bins,
    )


def lines(metrics: Metrics) -> list[str]:
    """The metrics for people: figures, then the confusion matrix with each class's recall and precision."""
    error = metrics.calibration_error
    text = [
        f"accuracy           {metrics.accuracy:.3f}",
        f"balanced accuracy  {metrics.balanced_accuracy:.3f}",
        f"macro-F1           {metrics.macro_f1:.3f}",
        f"calibration error  {'no probabilities were given' if error is None else f'{error:.3f}'}",
        "",
        "labelled   named: " + "".join(f"{emotion:>9}" for emotion in EMOTIONS) + "   recall  precision",
    ]
    for emotion, row in zip(EMOTIONS, metrics.confusion, strict=True):
        shares = (metrics.recall.get(emotion), metrics.precision.get(emotion))
        figures = "".join(f"{'–' if share is None else f'{share:.2f}':>9}" for share in shares)
        text.append(f"{emotion:18}" + "".join(f"{count:>9}" for count in row) + figures)
    return text


def binned(confidences: Sequence[float | None], right: Sequence[bool]) -> tuple[Bin, ...]:
    """The bins that answers with a confidence fall into, those without any answer left out."""
    rated = [
        (confidence, hit)
        for confidence, hit in zip(confidences, right, strict=True)
        if confidence is not None
    ]
    bins = []
    for at in range(BINS):
        inside = [pair for pair in rated if at == min(int(pair[0] * BINS), BINS - 1)]
        if inside:
            confidence, accuracy = np.mean(inside, axis=0)
            bins.append(Bin(count=len(inside), confidence=float(confidence), accuracy=float(accuracy)))
    return tuple(bins)


def gap(bins: Sequence[Bin]) -> float | None:
    """The expected calibration error: how far confidence and accuracy are apart; None without answers."""
    count = sum(each.count for each in bins)
    return sum(each.count * abs(each.confidence - each.accuracy) for each in bins) / count if count else None
