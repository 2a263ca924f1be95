"""Features with labels, in three splits, and how they come into batches."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from models.base import EMOTIONS

Modality = Literal["vision", "audio", "text"]
MODALITIES: tuple[Modality, ...] = get_args(Modality)

Steps = NDArray[np.float32]
"""(steps, width): one clip's features in one modality."""


class DataUnusable(Exception):
    """Data that cannot be trained or measured on. The message says why, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Clips' features and labels.

    `values` (n, steps, width) and `masks` (n, steps), True at real steps, by modality; a modality is missing in a
    clip where its mask is all False. `labels` (n, 7) are 1 for what is seen, in the order of `EMOTIONS`. Raises
    `DataUnusable` where shapes differ, a real step is not finite, or a clip has no label.
    """

    values: Mapping[Modality, NDArray[np.float32]]
    masks: Mapping[Modality, NDArray[np.bool_]]
    labels: NDArray[np.float32]

    def __post_init__(self) -> None:
        n = len(self.labels)
        if self.labels.shape != (n, len(EMOTIONS)):
            raise DataUnusable(f"labels are (clips, {len(EMOTIONS)}), not {self.labels.shape}")
        if not np.isin(self.labels, (0, 1)).all() or not (self.labels.sum(axis=1) > 0).all():
            raise DataUnusable("a clip has no label, or one that is neither 0 nor 1")
        for name, values in self.values.items():
            mask = self.masks[name]
            if values.ndim != 3 or values.shape[:2] != mask.shape or len(values) != n:
                raise DataUnusable(f"{name} is {values.shape} under a mask {mask.shape} for {n} clips")
            if not np.isfinite(values[mask]).all():
                raise DataUnusable(f"{name} has values that are not finite")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def widths(self) -> dict[Modality, int]:
        """The width of each modality's features."""
        return {name: values.shape[2] for name, values in self.values.items()}

    def take(self, rows: NDArray[np.intp]) -> Features:
        """Some of the clips."""
        return Features(
            values={name: values[rows] for name, values in self.values.items()},
            masks={name: mask[rows] for name, mask in self.masks.items()},
            labels=self.labels[rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Three splits that share no clip. `towers` are the fingerprints of the networks that features come from, None
    for those of others; `notes` say what was done to the data."""

    name: str
    train: Features
    validation: Features
    test: Features
    towers: Mapping[Modality, str | None]
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        for name, split in self.splits().items():
            if not len(split):
                raise DataUnusable(f"there is nothing in the {name} split")
            if split.widths != self.train.widths:
                raise DataUnusable(
                    f"the {name} split is {split.widths} wide, the train split {self.train.widths}"
                )

    def splits(self) -> dict[str, Features]:
        """The splits by name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    def sha256(self) -> str:
        """Of all values and labels, in hexadecimal."""
        digest = hashlib.sha256()
        for split in self.splits().values():
            for name in sorted(split.values):
                digest.update(split.values[name].tobytes() + split.masks[name].tobytes())
            digest.update(split.labels.tobytes())
        return digest.hexdigest()


def padded(
    clips: list[Mapping[Modality, Steps]], widths: Mapping[Modality, int]
) -> tuple[dict[Modality, NDArray[np.float32]], dict[Modality, NDArray[np.bool_]]]:
    """Values and masks of clips whose modalities are of any length or missing."""
    values: dict[Modality, NDArray[np.float32]] = {}
    masks: dict[Modality, NDArray[np.bool_]] = {}
    for name, width in widths.items():
        steps = max([1, *(len(clip[name]) for clip in clips if name in clip)])
        values[name] = np.zeros((len(clips), steps, width), dtype=np.float32)
        masks[name] = np.zeros((len(clips), steps), dtype=np.bool_)
        for row, clip in enumerate(clips):
            if name in clip:
                values[name][row, : len(clip[name])] = clip[name]
                masks[name][row, : len(clip[name])] = True
    return values, masks
