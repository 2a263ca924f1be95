"""How good scores are, and the temperature that makes probabilities of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.metrics import binned, gap

Array = NDArray[np.floating]

THRESHOLD = 0.21
"""Probability from which a label counts as there: the paper's."""

TEMPERATURES = np.geomspace(0.05, 20, 241)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Of one split, all in [0, 1].

    `accuracy` is the share of clips whose likeliest class is one of their labels, `balanced_accuracy` its mean over
    the labels there are, `ece` how far the likeliest class's probability is from that share (Guo et al., 2017).
    `macro_f1` and `micro_f1` are of labels called at `THRESHOLD`, several or none of a clip.
    """

    clips: int
    accuracy: float
    balanced_accuracy: float
    macro_f1: float
    micro_f1: float
    ece: float


def probabilities(scores: Array, temperature: float) -> NDArray[np.float64]:
    """Shares (…, 7) that sum to 1, from log-odds (…, 7)."""
    scaled = np.asarray(scores, dtype=np.float64) / temperature
    shares = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    found: NDArray[np.float64] = shares / shares.sum(axis=-1, keepdims=True)
    return found


def fit_temperature(scores: Array, labels: Array) -> float:
    """The temperature under which scores (n, 7) give labels (n, 7) the least cross-entropy.

    Clips with several labels stand for each in equal parts. One clip's worth of doubt is kept, as in Platt (1999),
    so that a few clips that are all right do not make for certainty.
    """
    doubt = 1 / (len(labels) + 2)
    targets = (1 - doubt) * labels / labels.sum(axis=1, keepdims=True) + doubt / labels.shape[1]

    def entropy(temperature: float) -> float:
        return -float((targets * np.log(probabilities(scores, temperature) + 1e-12)).sum())

    return float(min(TEMPERATURES, key=entropy))


def measure(scores: Array, labels: Array, temperature: float) -> Metrics:
    """Metrics of scores (n, 7) against labels (n, 7)."""
    shares = probabilities(scores, temperature)
    there = labels > 0.5
    right = there[np.arange(len(shares)), shares.argmax(axis=1)]
    shown = there.any(axis=0)
    called = np.asarray(scores) >= np.log(THRESHOLD / (1 - THRESHOLD))
    hits, wrong = (called & there).sum(axis=0), (called != there).sum(axis=0)
    return Metrics(
        clips=len(shares),
        accuracy=float(right.mean()),
        balanced_accuracy=float(np.mean([right[there[:, label]].mean() for label in np.flatnonzero(shown)])),
        macro_f1=float((2 * hits / np.maximum(2 * hits + wrong, 1))[shown].mean()),
        micro_f1=float(2 * hits.sum() / max(2 * hits.sum() + wrong.sum(), 1)),
        ece=gap(binned(shares.max(axis=1).tolist(), right.tolist())) or 0.0,
    )
