from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from models.base import EMOTIONS
from models.lddu.data import DataUnusable
from models.lddu.mosei import load_mosei


def split(n: int = 4) -> dict:
    chance = np.random.default_rng(0)
    labels = np.zeros((n, 6), np.float32)
    labels[0, [0, 4]] = 1, 0.33  # happy, disgust
    labels[1, 2] = 3  # anger
    labels[2, 5] = 1  # fear
    return {
        "text": chance.normal(size=(n, 6, 8)).astype(np.float32),
        "vision": chance.normal(size=(n, 6, 3)),
        "audio": chance.normal(size=(n, 6, 2)).astype(np.float32),
        "labels": labels,
        "id": np.array([f"clip {at}" for at in range(n)], dtype=object),
    }


def written(path: Path, protocol: int = 4, **changed: object) -> Path:
    data = {name: split() for name in ("train", "valid", "test")}
    data["train"].update(changed)
    path.write_bytes(pickle.dumps(data, protocol=protocol))
    return path


def named(labels: np.ndarray) -> list[list[str]]:
    return [[EMOTIONS[at] for at in np.flatnonzero(row)] for row in labels]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_six_emotions_become_ours_and_none_of_them_neutral(tmp_path: Path, protocol: int) -> None:
    data = load_mosei(written(tmp_path / "mosei.pkl", protocol))
    assert data.train.widths == {"vision": 3, "audio": 2, "text": 8}
    assert named(data.train.labels) == [["happy", "disgust"], ["angry"], ["fear"], ["neutral"]]
    assert set(data.towers.values()) == {None} and data.notes == ()
    assert [len(each) for each in data.splits().values()] == [4, 4, 4]


def test_a_sentiment_column_and_an_axis_of_one_are_passed_over(tmp_path: Path) -> None:
    labels = np.concatenate([np.full((4, 1), 2.0), split()["labels"]], axis=1)[:, None]
    data = load_mosei(written(tmp_path / "mosei.pkl", labels=labels))
    assert named(data.train.labels)[1:] == [["angry"], ["fear"], ["neutral"]]


def test_padding_is_masked_and_bad_values_are_cleaned_and_counted(tmp_path: Path) -> None:
    audio = split()["audio"]
    audio[0, 4:] = 0
    audio[1, 0, :] = -np.inf, np.nan
    data = load_mosei(written(tmp_path / "mosei.pkl", audio=audio))
    assert data.train.masks["audio"].sum(axis=1).tolist() == [4, 5, 6, 6]
    assert data.notes == ("train.audio: 2 values that were not finite set to 0",)


def test_clips_without_features_are_dropped_and_counted(tmp_path: Path) -> None:
    nothing = {
        name: np.where(np.arange(4)[:, None, None] == 1, 0, split()[name])
        for name in ("text", "vision", "audio")
    }
    data = load_mosei(written(tmp_path / "mosei.pkl", **nothing))
    assert named(data.train.labels) == [["happy", "disgust"], ["fear"], ["neutral"]]
    assert data.notes == ("train: 1 clips without features dropped",)


class Malice:
    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.made),)

    made = Path("malice")


def test_a_pickle_that_would_do_something_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Malice, "made", tmp_path / "made")
    file = written(tmp_path / "mosei.pkl", id=Malice())
    with pytest.raises(DataUnusable, match=r"posix\.mkdir, and only arrays are read"):
        load_mosei(file)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"labels": np.ones((4, 5))}, r"train.labels is \(4, 5\)"),
        ({"labels": np.ones((3, 6))}, "not as many labels"),
        ({"audio": np.ones((4, 6))}, r"train.audio is \(4, 6\)"),
        ({"text": [["words"]]}, "train.text is no array of numbers"),
    ],
)
def test_other_shapes_are_refused(tmp_path: Path, changed: dict, said: str) -> None:
    with pytest.raises(DataUnusable, match=said):
        load_mosei(written(tmp_path / "mosei.pkl", **changed))


def test_other_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "mosei.pkl"
    with pytest.raises(DataUnusable, match="cannot be opened"):
        load_mosei(file)
    sentiment = {name: {**split(), "regression_labels": np.ones(4)} for name in ("train", "valid", "test")}
    for each in sentiment.values():
        del each["labels"]
    for data, said in (
        (b"no pickle", "cannot be read"),
        (pickle.dumps([1, 2]), "holds no splits"),
        (pickle.dumps({"train": split(), "test": split()}), "no split 'valid'"),
        (pickle.dumps(sentiment), "sentiment alone"),
        (pickle.dumps({"train": split()})[:-40], "cannot be read"),
    ):
        file.write_bytes(data)
        with pytest.raises(DataUnusable, match=said):
            load_mosei(file)
