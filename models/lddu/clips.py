"""A folder of labelled clips, made into features by the towers."""

from __future__ import annotations

import csv
import hashlib
import os
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.answer import emotion_named
from models.base import EMOTIONS, ClipUnreadable
from models.decode import decode_file
from models.lddu.data import Dataset, DataUnusable, Features, Modality, Steps, padded
from models.lddu.features import INTERVAL, Extractor
from models.lddu.memory import Seen

TABLE = "labels.csv"
CACHE = ".features"
"""Folder beside the clips in which their features are kept, so that towers see each clip once."""

SPLITS = {
    "train": "train",
    "valid": "validation",
    "validation": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
}

Window = Mapping[Modality, Steps]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One line of the table: a clip, its labels (7,) of 0 and 1, and its split."""

    file: Path
    labels: NDArray[np.float32]
    split: str


def load_clips(
    folder: Path, extractor: Extractor, progress: Callable[[int, int], None] = lambda done, of: None
) -> Dataset:
    """The clips of a folder, cut into windows as in a call, each with all of its clip's labels.

    Windows of one clip are in one split. Clips that cannot be read, and windows without picture and sound, are
    left out and counted in the notes. `progress` is told how many clips of how many are done. Raises
    `DataUnusable` and what the towers do.
    """
    table = read_table(folder / TABLE)
    rows: dict[str, list[tuple[Window, NDArray[np.float32]]]] = {split: [] for split in SPLITS.values()}
    unreadable: list[str] = []
    empty = 0
    for done, clip in enumerate(table):
        progress(done, len(table))
        try:
            windows = _windows(clip.file, folder / CACHE, extractor)
        except ClipUnreadable:
            unreadable.append(clip.file.name)
            continue
        rows[clip.split] += [(window, clip.labels) for window in windows if window]
        empty += sum(not window for window in windows)
    progress(len(table), len(table))
    notes = [f"{len(unreadable)} clips cannot be read, such as {unreadable[0]}"] if unreadable else []
    notes += [f"{empty} windows without picture and sound left out"] if empty else []
    splits = {split: _features(split, found, extractor.widths) for split, found in rows.items()}
    return Dataset(name=folder.name, towers=extractor.towers, notes=tuple(notes), **splits)


def read_table(file: Path) -> list[Labelled]:
    """Lines of `file,emotion[,split]`. Several emotions are parted by `;`. Raises `DataUnusable`.

    Without a split, the hash of the file's name picks one: a tenth test, a tenth validation, the rest train. That
    does not keep a speaker's clips together; a split column can.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            lines = list(csv.DictReader(opened))
    except FileNotFoundError as error:
        raise DataUnusable(f"there is no {file}: it names the clips, in columns file and emotion") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DataUnusable(f"{file} cannot be read: {reason}") from error
    if not lines or not {"file", "emotion"} <= set(lines[0]):
        raise DataUnusable(f"{file} needs the columns file and emotion, and a line for each clip")
    return [_labelled(file, number, line) for number, line in enumerate(lines, start=2)]


def _labelled(table: Path, number: int, line: Mapping[str, str | None]) -> Labelled:
    name, emotions, split = (line.get(column) or "" for column in ("file", "emotion", "split"))
    clip = table.parent / name
    if not name or not clip.is_file():
        raise DataUnusable(f"{table}, line {number}: there is no file {name!r}")
    labels = np.zeros(len(EMOTIONS), dtype=np.float32)
    for word in emotions.split(";"):
        emotion = emotion_named(word)
        if emotion is None:
            raise DataUnusable(f"{table}, line {number}: {word!r} is none of {', '.join(EMOTIONS)}")
        labels[EMOTIONS.index(emotion)] = 1
    split = split.strip().lower() or ("test", "validation", *["train"] * 8)[zlib.crc32(name.encode()) % 10]
    if split not in SPLITS:
        raise DataUnusable(f"{table}, line {number}: the split {split!r} is none of {', '.join(SPLITS)}")
    return Labelled(file=clip, labels=labels, split=SPLITS[split])


def _windows(clip: Path, cache: Path, extractor: Extractor) -> list[Window]:
    """Features of a clip's windows, from the cache where the clip and the towers are as they were."""
    stat = clip.stat()
    name = os.path.relpath(clip, cache.parent)
    facts = f"{name} {stat.st_size} {stat.st_mtime_ns} {sorted(extractor.towers.items())}"
    kept = cache / f"{hashlib.sha256(facts.encode()).hexdigest()[:24]}.npz"
    if kept.exists():
        return _read(kept)
    seen = Seen()
    windows: list[Window] = [extractor(each, seen) for each in decode_file(clip, interval=INTERVAL)]
    _write(kept, windows)
    return windows


def _read(file: Path) -> list[Window]:
    with np.load(file, allow_pickle=False) as arrays:
        windows: list[dict[Modality, Steps]] = [{} for _ in range(int(arrays["windows"]))]
        for at, window in enumerate(windows):
            names: tuple[Modality, ...] = ("vision", "audio")
            window.update({name: arrays[f"{at}.{name}"] for name in names if f"{at}.{name}" in arrays})
    return list(windows)


def _write(file: Path, windows: list[Window]) -> None:
    arrays: dict[str, Any] = {
        f"{at}.{name}": values for at, window in enumerate(windows) for name, values in window.items()
    }
    part = file.with_suffix(f".{os.getpid()}.part")
    try:
        file.parent.mkdir(exist_ok=True)
        with part.open("wb") as opened:
            np.savez(opened, windows=np.asarray(len(windows)), **arrays)
        part.replace(file)
    except OSError as error:
        raise DataUnusable(f"{file.parent} cannot be written: {error.strerror}") from error


def _features(
    split: str, rows: list[tuple[Window, NDArray[np.float32]]], widths: Mapping[Modality, int]
) -> Features:
    if not rows:
        raise DataUnusable(f"no clip is in the {split} split: add clips, or name splits in a split column")
    values, masks = padded([window for window, _ in rows], widths)
    return Features(values=values, masks=masks, labels=np.stack([labels for _, labels in rows]))
