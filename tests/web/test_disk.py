"""A disk that hangs: it is said so, and one thread hangs with it, however often it is asked."""

from __future__ import annotations

import asyncio
import threading

import pytest

from pipeline.library import Library, Retention
from web.disk import Disk

RETENTION = Retention(max_count=1, max_bytes=1, max_age=1)


@pytest.fixture
def library(tmp_path):
    library = Library(tmp_path / "videos", tmp_path / "thumbnails", RETENTION)
    library.prepare()
    return library


async def test_a_disk_that_works_takes_a_byte_and_has_room(library):
    disk = Disk(library)
    assert await disk.trouble() is None and await disk.room() > 0


async def test_a_folder_that_has_gone_is_said_to_have(library):
    library.videos.rmdir()
    assert await Disk(library).room() is None


async def test_a_disk_that_hangs_holds_one_thread(library, monkeypatch):
    monkeypatch.setattr("web.disk.WAIT", 0.05)
    hung, asked = threading.Event(), []

    def hangs():
        asked.append(1)
        hung.wait(5)

    monkeypatch.setattr(library, "check_writable", hangs)
    disk = Disk(library)
    try:
        said = await asyncio.gather(*(disk.trouble() for _ in range(5)))
        said.append(await disk.trouble())
        assert all(code == "disk_slow" and "took no byte" in why for code, why in said) and len(asked) == 1
    finally:
        hung.set()
    await asyncio.sleep(0.05)
    assert await disk.trouble() is None and len(asked) == 2
