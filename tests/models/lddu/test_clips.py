from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from models.base import EMOTIONS
from models.lddu.clips import load_clips, read_table
from models.lddu.data import DataUnusable
from models.lddu.features import Extractor
from models.lddu.sound import AudioTower
from models.lddu.vision import VisionTower
from tests import media


def table(folder: Path, *lines: str) -> Path:
    file = folder / "labels.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def short(n: int = 10) -> bytes:
    return media.encode_clip(media.faceless_frames(n, (64, 48)), 5)


@pytest.fixture
def folder(tmp_path: Path, wav: Path) -> Path:
    for name, data in (
        ("a.webm", short()),
        ("b.webm", short(35)),  # seven seconds: two windows
        ("c.webm", media.encode_clip(media.faceless_frames(10, (64, 48)), 5, wav=wav)),
        ("bad.webm", b"no clip"),
    ):
        (tmp_path / name).write_bytes(data)
    table(
        tmp_path,
        "file,emotion,split",
        "a.webm,happy,validation",
        "b.webm,sad;surprise,train",
        "c.webm,anger,test",
        "bad.webm,neutral,train",
    )
    return tmp_path


def test_a_folder_of_clips_becomes_features(folder: Path, vision: VisionTower, audio: AudioTower) -> None:
    told: list[tuple[int, int]] = []
    data = load_clips(folder, Extractor(vision, audio), lambda done, of: told.append((done, of)))
    assert [len(each) for each in data.splits().values()] == [2, 1, 1]
    assert data.train.labels.sum(axis=0).tolist() == [0, 2, 0, 2, 0, 0, 0]
    assert data.test.labels[0, EMOTIONS.index("angry")] == 1
    assert not data.train.masks["audio"].any() and data.test.masks["audio"].all()
    assert data.train.masks["vision"].any(axis=1).all()
    assert data.towers == {"vision": vision.fingerprint, "audio": audio.fingerprint}
    assert data.notes == ("1 clips cannot be read, such as bad.webm",)
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


def test_features_are_kept_until_the_clip_or_the_towers_change(
    folder: Path, vision: VisionTower, audio: AudioTower, monkeypatch: pytest.MonkeyPatch
) -> None:
    extractor = Extractor(vision, audio)
    first = load_clips(folder, extractor)
    calls: list[object] = []
    look = Extractor.__call__

    def counted(self: Extractor, *given: object) -> object:
        calls.append(given)
        return look(self, *given)

    monkeypatch.setattr(Extractor, "__call__", counted)
    assert load_clips(folder, extractor).sha256() == first.sha256() and not calls
    os.utime(folder / "a.webm", (1, 1))
    assert load_clips(folder, extractor).sha256() == first.sha256() and len(calls) == 1
    load_clips(folder, Extractor(vision, None))
    assert len(calls) == 5


def test_without_a_split_column_the_name_decides(tmp_path: Path) -> None:
    names = [f"{at}.webm" for at in range(200)]
    for name in names:
        (tmp_path / name).touch()
    read = read_table(table(tmp_path, "file,emotion", *(f"{name},fear" for name in names)))
    splits = [each.split for each in read]
    assert splits == [each.split for each in read_table(tmp_path / "labels.csv")]
    assert 120 < splits.count("train") < 190
    assert min(splits.count("validation"), splits.count("test")) > 5
    assert np.array_equal(read[0].labels, [0, 0, 0, 0, 1, 0, 0])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((), "needs the columns"),
        (("name,emotion", "a.webm,happy"), "needs the columns"),
        (("file,emotion", "b.webm,happy"), r"line 2: there is no file 'b.webm'"),
        (("file,emotion", "a.webm,happy", "a.webm,smug"), "line 3: 'smug' is none of"),
        (("file,emotion", "a.webm,"), "line 2: '' is none of"),
        (("file,emotion,split", "a.webm,sad,later"), "the split 'later' is none of"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    (tmp_path / "a.webm").touch()
    with pytest.raises(DataUnusable, match=said):
        read_table(table(tmp_path, *lines))


def test_a_folder_without_a_table_or_a_split_is_refused(tmp_path: Path, vision: VisionTower) -> None:
    extractor = Extractor(vision, None)
    with pytest.raises(DataUnusable, match=r"there is no .*labels.csv"):
        load_clips(tmp_path, extractor)
    (tmp_path / "a.webm").write_bytes(short())
    table(tmp_path, "file,emotion,split", "a.webm,happy,train")
    with pytest.raises(DataUnusable, match="no clip is in the validation split"):
        load_clips(tmp_path, extractor)
