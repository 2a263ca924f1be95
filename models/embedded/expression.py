"""The expression of one face: two networks, their opinions joined and their confidence brought down to fact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.base import EMOTIONS, Emotion
from models.embedded.network import Network
from models.embedded.wheels import EXPRESSION_LARGE, EXPRESSION_SMALL

CHIP = 200
"""Pixels a side of the face picture that the larger network takes; the smaller one gets it shrunk."""

SMALL_CHIP = 64
SMALL_ORDER: tuple[Emotion, ...] = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
LARGE_ORDER: tuple[Emotion, ...] = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")

FLOOR = 0.01
"""Added to each probability before its logarithm: both networks say 0 to what they merely think unlikely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A weighted geometric mean of the two networks, with an offset a class (vector scaling: Guo et al., "On
    Calibration of Modern Neural Networks", 2017). The weights' sum is 1/T of temperature scaling."""

    small: float
    large: float
    offsets: tuple[float, ...]


FITTED = Calibration(small=0.70, large=0.23, offsets=(-0.07, -0.06, -0.17, 0.79, -1.09, 0.31, 0.28))


def join(
    small: NDArray[np.float64], large: NDArray[np.float64], calibration: Calibration = FITTED
) -> NDArray[np.float64]:
    """The two networks' probabilities, each of shape (..., classes) in the order of `EMOTIONS`, as one."""
    scores = (
        calibration.small * np.log(small + FLOOR)
        + calibration.large * np.log(large + FLOOR)
        + np.asarray(calibration.offsets)
    )
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    joined: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return joined


class ExpressionNetworks:
    """The two networks."""

    def __init__(self) -> None:
        """Raises `EngineUnavailable`."""
        self._small = Network(EXPRESSION_SMALL)
        self._large = Network(EXPRESSION_LARGE)
        self._from_small = [SMALL_ORDER.index(emotion) for emotion in EMOTIONS]
        self._from_large = [LARGE_ORDER.index(emotion) for emotion in EMOTIONS]

    def __call__(self, chip: Image.Image) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What either network says of a grey face of `CHIP` pixels a side, in the order of `EMOTIONS`."""
        grey = np.asarray(chip, dtype=np.float32) / 255
        (large,) = self._large(np.repeat(grey[..., np.newaxis], 3, axis=2))
        shrunk = chip.resize((SMALL_CHIP, SMALL_CHIP), Image.Resampling.BILINEAR)
        (small,) = self._small(np.asarray(shrunk, dtype=np.float32)[..., np.newaxis] / 127.5 - 1)
        return small.astype(np.float64)[self._from_small], large.astype(np.float64)[self._from_large]
