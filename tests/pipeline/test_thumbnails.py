"""Thumbnails: made for whoever asks first, kept for the others, and never longer than their clips."""

from __future__ import annotations

import pytest

from pipeline.jobs import AnalysisError
from pipeline.library import Library, Retention
from pipeline.thumbnails import thumbnail_of

NAME = "20270115T080000.250_0a1b.webm"


class FakeAnalysis:
    """Makes of every clip the same picture, or raises `error`; first it does what `meanwhile` says."""

    def __init__(self):
        self.asked = []
        self.error = None
        self.meanwhile = lambda: None

    async def thumbnail(self, path):
        self.asked.append(path)
        self.meanwhile()
        if self.error is not None:
            raise AnalysisError(self.error, "not today")
        return b"jpeg"


@pytest.fixture
def library(tmp_path):
    kept = Retention(max_count=100, max_bytes=10**9, max_age=10**9)
    library = Library(tmp_path / "videos", tmp_path / "thumbnails", kept)
    library.prepare()
    library.save(NAME, b"clip")
    return library


async def test_it_is_made_once(library):
    analysis = FakeAnalysis()
    for _ in range(2):
        path = await thumbnail_of(NAME, library, analysis)
        assert path is not None and path.read_bytes() == b"jpeg"
    assert analysis.asked == [library.path_of(NAME)]


async def test_a_clip_that_is_not_there_has_none(library):
    analysis = FakeAnalysis()
    for name in ("20270115T080000.251_0a1b.webm", "../state/access_code", "a\0b"):
        assert await thumbnail_of(name, library, analysis) is None
    assert analysis.asked == []


@pytest.mark.parametrize("code", ["no_video", "clip_unreadable"])
async def test_a_clip_in_which_nothing_can_be_seen_has_none(library, code):
    analysis = FakeAnalysis()
    analysis.error = code
    assert await thumbnail_of(NAME, library, analysis) is None


async def test_one_that_cannot_be_made_now_is_made_when_it_is_asked_for_again(library):
    analysis = FakeAnalysis()
    analysis.error = "engine_unavailable"
    with pytest.raises(AnalysisError):
        await thumbnail_of(NAME, library, analysis)
    analysis.error = None
    assert await thumbnail_of(NAME, library, analysis) is not None


async def test_of_a_clip_that_was_deleted_meanwhile_nothing_is_left(library):
    analysis = FakeAnalysis()
    analysis.meanwhile = lambda: library.delete(NAME)
    assert await thumbnail_of(NAME, library, analysis) is None
    assert list(library.thumbnails.iterdir()) == []
