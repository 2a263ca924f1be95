"""The library: names, whole files only, retention, and nothing outside its folder."""

from __future__ import annotations

import os
import stat

import pytest

from pipeline.library import Library, Retention, clip_name

NOW = 1_800_000_000.0


@pytest.fixture
def library(tmp_path):
    def make(**limits):
        kept = Retention(**({"max_count": 100, "max_bytes": 10**9, "max_age": 10**9} | limits))
        library = Library(tmp_path / "videos", tmp_path / "thumbnails", kept)
        library.prepare()
        return library

    return make


def fill(library, n, *, size=10):
    for index in range(n):
        library.save(clip_name(NOW + index, "0a1b", "webm"), bytes(size))


def test_a_name_tells_moment_session_and_container():
    assert clip_name(NOW + 0.25, "0a1b", "mp4") == "20270115T080000.250_0a1b.mp4"


def test_clips_are_listed_newest_first_with_what_their_names_tell(library):
    library = library()
    fill(library, 3)
    listed = library.list()
    assert [clip.recorded for clip in listed] == [NOW + 2, NOW + 1, NOW]
    assert {(clip.session_id, clip.size) for clip in listed} == {("0a1b", 10)}


def test_other_files_in_the_folder_are_neither_listed_nor_deleted(library):
    library = library(max_count=1)
    (library.videos / "holiday.mp4").write_bytes(b"mine")
    fill(library, 3)
    library.sweep(NOW)
    assert len(library.list()) == 1 and (library.videos / "holiday.mp4").exists()


@pytest.mark.parametrize(
    ("limits", "left"),
    [({"max_count": 4}, 4), ({"max_bytes": 35}, 3), ({"max_age": 6.5}, 6), ({}, 10)],
)
def test_the_oldest_leave_by_count_bytes_and_age(library, limits, left):
    library = library(**limits)
    fill(library, 10)
    assert library.sweep(NOW + 10.5) == 10 - left
    assert [clip.recorded for clip in library.list()] == [NOW + 9 - n for n in range(left)]


def test_a_picture_leaves_with_its_clip(library):
    library = library(max_count=1)
    fill(library, 2)
    old, new = (clip_name(NOW + n, "0a1b", "webm") for n in (0, 1))
    for name in (old, new):
        library.save_thumbnail(name, b"jpeg")
    library.sweep(NOW)
    assert library.thumbnail_of(old) is None and library.thumbnail_of(new) is not None


def test_a_picture_whose_clip_was_deleted_by_hand_leaves_too(library):
    library = library()
    fill(library, 1)
    name = clip_name(NOW, "0a1b", "webm")
    library.save_thumbnail(name, b"jpeg")
    (library.videos / name).unlink()
    library.sweep(NOW)
    assert list(library.thumbnails.iterdir()) == []


@pytest.mark.parametrize("stray", ["99999999T999999.999_x.webm", "20200101T000000.000_x.webm"])
def test_odd_things_named_like_clips_stop_nothing(library, stray):
    library = library(max_count=1)
    if stray.startswith("9"):
        (library.videos / stray).write_bytes(b"no such day")
    else:
        (library.videos / stray).mkdir()
    fill(library, 3)
    assert library.sweep(NOW) == 2 and (library.videos / stray).exists()


def test_the_folder_of_faces_is_the_owners_alone_and_comes_back_when_it_is_gone(library):
    library = library()
    assert stat.S_IMODE(library.videos.stat().st_mode) == 0o700
    library.videos.rmdir()
    fill(library, 1)
    assert len(library.list()) == 1


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "", ".", "a.webm", "..%2fsecret", "x\0y"])
def test_a_name_that_is_no_clips_leads_nowhere(library, name):
    library = library()
    assert library.path_of(name) is None and library.thumbnail_of(name) is None


def test_what_was_left_half_written_is_cleared_away(library):
    library = library()
    (library.videos / ".20270115T080000.250_0a1b.mp4.part").write_bytes(b"half")
    library.prepare()
    assert list(library.videos.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="no /dev/full")
def test_a_write_that_fails_leaves_nothing(library, monkeypatch):
    library = library()
    library.videos.rmdir()
    library.videos.write_bytes(b"a file where the folder was")
    with pytest.raises(OSError):
        library.save(clip_name(NOW, "0a1b", "webm"), b"data")


def test_the_clips_of_a_session_are_found_and_removed_with_their_pictures(library):
    library = library()
    fill(library, 2)
    other = clip_name(NOW, "ffff", "webm")
    library.save(other, b"another's")
    names = [clip_name(NOW + n, "0a1b", "webm") for n in (0, 1)]
    library.save_thumbnail(names[0], b"jpeg")
    assert [path.name for path in library.of("0a1b")] == names
    assert sorted(library.remove("0a1b")) == names
    assert library.of("0a1b") == [] and library.remove("0a1b") == []
    assert list(library.thumbnails.iterdir()) == [] and [clip.name for clip in library.list()] == [other]


def test_whether_the_disk_takes_clips_is_tried_and_leaves_nothing(library):
    library = library()
    library.check_writable()
    assert list(library.videos.iterdir()) == []
    library.videos.rmdir()
    library.videos.write_bytes(b"a file where the folder was")
    with pytest.raises(OSError):
        library.check_writable()
