"""The folder of recordings: what leaves, what stays, and what a crash has left."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest

from pipeline.recordings import Recordings
from pipeline.room import DiskLow, Room

NAMES = [f"2027011{day}T080000.000_0a.webm" for day in range(1, 5)]
NOON = 1_800_000_000.0  # 2027-01-15 08:00:00 UTC
DAY = 86_400.0


def folder(tmp_path, *, max_bytes=10**9, max_age=10**9, floor=0):
    recordings = Recordings(tmp_path / "recordings", Room(tmp_path, floor), max_bytes, max_age)
    recordings.prepare()
    for name in NAMES:
        (recordings.folder / name).write_bytes(bytes(100))
    return recordings


def test_the_oldest_leave_when_there_are_too_many_bytes(tmp_path):
    recordings = folder(tmp_path, max_bytes=250)
    assert recordings.sweep(NOON) == 2
    assert [each.name for each in recordings.list()] == [NAMES[3], NAMES[2]]


def test_those_that_are_too_old_leave(tmp_path):
    recordings = folder(tmp_path, max_age=2.5 * DAY)
    assert recordings.sweep(NOON) == 2


def test_one_that_is_being_written_stays_and_counts(tmp_path):
    recordings = folder(tmp_path, max_bytes=250)
    part = recordings.part("20200101T000000.000_0b.webm")
    part.write_bytes(bytes(120))
    recordings.sweep(NOON)
    assert part.exists() and [each.name for each in recordings.list()] == [NAMES[3]]


def test_what_a_crash_left_is_named_and_half_finished_ones_are_cleared_away(tmp_path):
    recordings = folder(tmp_path)
    recordings.part(NAMES[0]).write_bytes(b"torn")
    recordings.new(NAMES[0]).write_bytes(b"half")
    (recordings.folder / "notes.part").write_bytes(b"somebody else's")
    recordings.prepare()
    assert list(recordings.unfinished()) == [NAMES[0]] and not recordings.new(NAMES[0]).exists()


@pytest.mark.parametrize(("made", "kept"), [(True, b"new"), (False, b"old")])
def test_one_gets_its_name_as_it_was_made_or_as_it_was(tmp_path, made, kept):
    recordings, name = folder(tmp_path), "20270201T000000.000_0b.webm"
    recordings.part(name).write_bytes(b"old")
    recordings.new(name).write_bytes(b"new")
    assert recordings.keep(name, made=made) == 3
    assert recordings.path_of(name).read_bytes() == kept
    assert not recordings.part(name).exists() and not recordings.new(name).exists()


def test_one_that_is_deleted_or_empty_gets_none(tmp_path):
    recordings, name = folder(tmp_path), "20270201T000000.000_0b.webm"
    recordings.new(name).write_bytes(b"new")
    assert recordings.keep(name, made=True) is None and not recordings.new(name).exists()
    recordings.part(name).write_bytes(b"")
    assert recordings.keep(name, made=False) is None and recordings.path_of(name) is None


def test_all_of_a_session_are_removed_also_what_is_written(tmp_path):
    recordings = folder(tmp_path)
    recordings.part(NAMES[0]).write_bytes(b"torn")
    recordings.new(NAMES[1]).write_bytes(b"half")
    (recordings.folder / "20270201T000000.000_0b.webm").write_bytes(b"another's")
    assert list(recordings.remove("0a")) == NAMES
    assert [path.name for path in recordings.folder.iterdir()] == ["20270201T000000.000_0b.webm"]


def test_below_the_floor_nothing_is_written_and_nothing_twice(tmp_path, monkeypatch):
    recordings = folder(tmp_path, floor=1000)
    recordings.part(NAMES[0]).write_bytes(bytes(200))
    for free, room, twice in ((999, False, False), (1100, True, False), (1300, True, True)):
        monkeypatch.setattr(shutil, "disk_usage", lambda path, free=free: SimpleNamespace(free=free))
        assert recordings.may_finish(NAMES[0]) is twice
        if room:
            recordings.room.require()
        else:
            with pytest.raises(DiskLow):
                recordings.room.require()
