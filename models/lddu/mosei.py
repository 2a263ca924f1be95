"""CMU-MOSEI as its users pass it on: one pickle of arrays, with other people's features."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.base import EMOTIONS, Emotion
from models.lddu.data import MODALITIES, Dataset, DataUnusable, Features, Modality

SPLITS = {"train": "train", "valid": "validation", "test": "test"}
LABELS = ("labels", "label", "emotions")
"""Keys under which a split's emotions are looked for."""

ORDER: tuple[Emotion, ...] = ("happy", "sad", "angry", "surprise", "disgust", "fear")
"""The order of emotions in CMU-MOSEI."""

ARRAYS = {
    (module, name)
    for package in ("numpy.core", "numpy._core")
    for module, name in [
        (f"{package}.multiarray", "_reconstruct"),
        (f"{package}.multiarray", "scalar"),
        (f"{package}.numeric", "_frombuffer"),
    ]
} | {("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")}
"""What a pickle of arrays, of any protocol, names: nothing of it does more than hold data."""


def load_mosei(file: Path) -> Dataset:
    """Read `{split: {'text' | 'vision' | 'audio': (n, steps, width), 'labels': (n, 6)}}`, splits train, valid, test.

    Labels are intensities in `ORDER`, of which those above 0 are seen; a seventh column before them, the sentiment,
    is passed over, and so is an axis of 1 in between. A clip without any of the six is neutral. Steps that are all 0
    are padding. Values that are not finite, which CMU-MOSEI's sound has, become 0 and are counted in the notes;
    clips without a real step are dropped. Raises `DataUnusable`.
    """
    found = _unpickled(file)
    missing = [split for split in SPLITS if not isinstance(found.get(split), Mapping)]
    if missing:
        raise DataUnusable(f"{file} has no split {missing[0]!r}: it needs {', '.join(SPLITS)}")
    notes: list[str] = []
    splits = {ours: _split(theirs, found[theirs], notes) for theirs, ours in SPLITS.items()}
    towers: dict[Modality, str | None] = dict.fromkeys(splits["train"].values)
    return Dataset(name=file.name, towers=towers, notes=tuple(notes), **splits)


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ARRAYS:
            raise pickle.UnpicklingError(f"it holds {module}.{name}, and only arrays are read")
        return super().find_class(module, name)


def _unpickled(file: Path) -> Mapping[str, Any]:
    try:
        with file.open("rb") as opened:
            # The copies that go round were written by Python 2: their text and arrays are Latin-1 to Python 3.
            found = _ArraysOnly(opened, encoding="latin1").load()
    except OSError as error:
        raise DataUnusable(f"{file} cannot be opened: {error.strerror}") from error
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, ImportError) as error:
        raise DataUnusable(f"{file} cannot be read: {error}") from error
    if not isinstance(found, Mapping):
        raise DataUnusable(f"{file} holds no splits")
    return found


def _split(name: str, split: Mapping[str, Any], notes: list[str]) -> Features:
    values: dict[Modality, NDArray[np.float32]] = {}
    for modality in MODALITIES:
        if modality in split:
            values[modality] = _cleaned(f"{name}.{modality}", split[modality], notes)
    if not values:
        raise DataUnusable(f"{name} has none of {', '.join(MODALITIES)}")
    masks: dict[Modality, NDArray[np.bool_]] = {
        name: (each != 0).any(axis=2) for name, each in values.items()
    }
    labels = _labels(name, split)
    if any(len(mask) != len(labels) for mask in masks.values()):
        raise DataUnusable(f"{name} has not as many labels as clips")
    given = np.stack([mask.any(axis=1) for mask in masks.values()]).any(axis=0)
    if not given.all():
        notes.append(f"{name}: {(~given).sum()} clips without features dropped")
    return Features(values=values, masks=masks, labels=labels).take(np.flatnonzero(given))


def _cleaned(name: str, given: object, notes: list[str]) -> NDArray[np.float32]:
    try:
        array = np.asarray(given, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise DataUnusable(f"{name} is no array of numbers") from error
    if array.ndim != 3:
        raise DataUnusable(f"{name} is {array.shape}, not (clips, steps, width)")
    bad = ~np.isfinite(array)
    if bad.any():
        notes.append(f"{name}: {bad.sum()} values that were not finite set to 0")
    return np.where(bad, np.float32(0), array)


def _labels(name: str, split: Mapping[str, Any]) -> NDArray[np.float32]:
    key = next((key for key in LABELS if key in split), None)
    if key is None:
        raise DataUnusable(
            f"{name} has no emotions: none of {', '.join(LABELS)} (regression_labels are sentiment alone)"
        )
    given = np.asarray(split[key])
    if given.ndim == 3 and given.shape[1] == 1:
        given = given[:, 0]
    if given.ndim != 2 or given.shape[1] not in (len(ORDER), len(ORDER) + 1):
        raise DataUnusable(f"{name}.{key} is {given.shape}, not (clips, {len(ORDER)})")
    seen = given[:, -len(ORDER) :] > 0
    labels = np.zeros((len(seen), len(EMOTIONS)), dtype=np.float32)
    for column, emotion in enumerate(ORDER):
        labels[:, EMOTIONS.index(emotion)] = seen[:, column]
    labels[:, EMOTIONS.index("neutral")] = ~seen.any(axis=1)
    return labels
