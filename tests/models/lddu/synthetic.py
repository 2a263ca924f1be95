"""Feature sets whose structure is known: how two modalities turn over time decides, and no mean shows it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.base import EMOTIONS
from models.lddu.data import Dataset, Features, Modality
from models.lddu.head import HeadConfig
from models.lddu.loss import LossConfig
from models.lddu.train import TrainConfig

WIDTH = 12
CLASSES = [EMOTIONS.index(name) for name in ("happy", "sad", "angry", "neutral")]
STEPS: dict[Modality, int] = {"vision": 6, "audio": 5}

TINY = {"width": 32, "layers": 1, "heads": 2, "latent_hidden": (32,), "latent": 16, "dropout": 0.0}
HEAD = HeadConfig(widths=dict.fromkeys(STEPS, WIDTH), **TINY)
TRAINING = TrainConfig(epochs=12, learning_rate=4e-3, batch_size=32, loss=LossConfig(queue=256))


def turning(n: int, seed: int) -> Features:
    """Clips in which each modality rises or falls along a direction of its own, at a mean that says nothing.

    The class is which of the four combinations that is; lengths differ from clip to clip.
    """
    chance = np.random.default_rng(seed)
    directions = np.random.default_rng(99).normal(size=(2, WIDTH))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    signs = chance.choice([-1, 1], size=(n, 2))
    values: dict[Modality, NDArray[np.float32]] = {}
    masks: dict[Modality, NDArray[np.bool_]] = {}
    for at, (name, steps) in enumerate(STEPS.items()):
        lengths = chance.integers(4, steps + 1, n)
        mask = np.arange(steps) < lengths[:, None]
        ramp = np.arange(steps) / (lengths[:, None] - 1) * 2 - 1
        clean = 3 * signs[:, at, None, None] * ramp[..., None] * directions[at]
        noise = 0.3 * chance.normal(size=clean.shape)
        values[name] = np.where(mask[..., None], clean + noise, 0).astype(np.float32)
        masks[name] = mask
    kinds = (signs[:, 0] > 0) * 2 + (signs[:, 1] > 0)
    return Features(values=values, masks=masks, labels=one_hot(np.asarray(CLASSES)[kinds]))


def noisy(n: int, seed: int, levels: tuple[float, ...]) -> tuple[Features, NDArray[np.float64]]:
    """The same with labels drawn anew for a share of clips that their features show, and each clip's share."""
    clean = turning(n, seed)
    chance = np.random.default_rng(seed + 1000)
    level = chance.choice(levels, size=n)
    drawn = one_hot(chance.choice(CLASSES, size=n))
    values = {name: each.copy() for name, each in clean.values.items()}
    for name, each in values.items():
        each[..., 0] += 5 * level[:, None] * clean.masks[name]
    labels = np.where((chance.random(n) < level)[:, None], drawn, clean.labels)
    return Features(values=values, masks=clean.masks, labels=labels), level


def dataset(n: int = 400) -> Dataset:
    """Three splits of `turning`."""
    return Dataset(
        name="turning",
        train=turning(n, 1),
        validation=turning(n // 3, 2),
        test=turning(n // 2, 3),
        towers=dict.fromkeys(STEPS),
    )


def one_hot(classes: NDArray[np.intp]) -> NDArray[np.float32]:
    return np.eye(len(EMOTIONS), dtype=np.float32)[classes]
