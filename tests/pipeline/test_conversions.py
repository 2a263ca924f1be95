"""Kept MP4s: found by their clip, gone with it, and the least wanted gone when there are too many."""

from __future__ import annotations

import os

import pytest

from pipeline.conversions import Conversions


@pytest.fixture
def conversions(tmp_path):
    videos = tmp_path / "videos"
    videos.mkdir()
    for name in ("1.webm", "2.webm", "3.webm"):
        (videos / name).write_bytes(b"clip")
    made = Conversions(tmp_path / "mp4", [videos], 200)
    made.prepare()
    return made


def make(conversions, name, *, asked_at=None):
    conversions.part(name).write_bytes(bytes(100))
    path = conversions.keep(name)
    if asked_at is not None:
        os.utime(path, (asked_at, 1000))
    return path


def test_one_is_found_by_its_clip_and_its_time_stays(conversions):
    path = make(conversions, "1.webm", asked_at=5)
    assert conversions.find("1.webm") == path and conversions.find("2.webm") is None
    assert path.stat().st_mtime == 1000 and path.stat().st_atime > 1000


def test_one_of_a_clip_that_has_gone_is_not_kept(conversions):
    assert make(conversions, "gone.webm") is None
    conversions.discard("gone.webm")
    assert not conversions.part("gone.webm").exists()


def test_of_too_many_those_asked_for_least_lately_leave(conversions, tmp_path):
    for at, name in enumerate(("1.webm", "2.webm", "3.webm")):
        make(conversions, name, asked_at=1000 + at)
    conversions.sweep()
    assert sorted(path.name for path in (tmp_path / "mp4").iterdir()) == ["2.webm.mp4", "3.webm.mp4"]


def test_one_leaves_with_its_clip(conversions, tmp_path):
    made = [make(conversions, name) for name in ("1.webm", "2.webm")]
    (tmp_path / "videos" / "1.webm").unlink()
    conversions.sweep()
    assert [path.exists() for path in made] == [False, True]
    conversions.remove(["2.webm", "never-made.webm"])
    assert not made[1].exists()
