"""The transcoder: each clip once for all who ask, bounded in number, time and space, and nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import sys

import psutil
import pytest

from pipeline.transcoder import MOST_WAITING, TranscodeError, Transcoder

COPIES = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])"
HANGS = "import sys, time; open(sys.argv[2], 'w').close(); time.sleep(60)"
COUNTS = (
    "import shutil, sys; open(sys.argv[1] + '.runs', 'a').write('x'); shutil.copy(sys.argv[1], sys.argv[2])"
)


@pytest.fixture
def videos(tmp_path):
    folder = tmp_path / "videos"
    folder.mkdir()
    for index in range(30):
        (folder / f"{index}.webm").write_bytes(b"clip %d" % index)
    return folder


@contextlib.asynccontextmanager
async def running(tmp_path, videos, program, **options):
    transcoder = Transcoder(tmp_path / "mp4", videos, command=(sys.executable, "-c", program), **options)
    await transcoder.prepare()
    task = asyncio.create_task(transcoder.run())
    try:
        yield transcoder
    finally:
        task.cancel()
        await asyncio.wait([task])


def children():
    """Processes that make MP4s; another test's database may run beside them."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):  # a zombie too
            if any("sys.argv[2]" in argument for argument in child.cmdline()):
                found.append(child)
    return found


async def until(reached):
    async with asyncio.timeout(5):
        while not reached():
            await asyncio.sleep(0.01)


async def test_a_clip_is_made_once_for_all_who_ask_and_then_kept(tmp_path, videos):
    async with running(tmp_path, videos, COUNTS) as transcoder:
        paths = await asyncio.gather(*(transcoder.mp4(videos / "1.webm") for _ in range(5)))
        assert {path.read_bytes() for path in paths} == {b"clip 1"}
        await transcoder.mp4(videos / "1.webm")
        assert (videos / "1.webm.runs").read_text() == "x"


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("import sys; print('broken', file=sys.stderr); sys.exit(3)", "clip_unreadable"),
        ("import sys; sys.exit(1)", "transcode_failed"),
        ("import os; os.abort()", "transcode_failed"),
    ],
)
async def test_why_there_is_no_mp4_has_a_code_and_leaves_nothing(tmp_path, videos, program, code):
    async with running(tmp_path, videos, program) as transcoder:
        for _ in range(2):
            with pytest.raises(TranscodeError) as error:
                await transcoder.mp4(videos / "1.webm")
            assert error.value.code == code
    assert list((tmp_path / "mp4").iterdir()) == []


async def test_one_that_takes_too_long_is_killed(tmp_path, videos):
    async with running(tmp_path, videos, HANGS, deadline=0.3) as transcoder:
        with pytest.raises(TranscodeError, match="too long"):
            await transcoder.mp4(videos / "1.webm")
    assert list((tmp_path / "mp4").iterdir()) == [] and children() == []


async def test_work_that_nobody_waits_for_any_more_is_killed(tmp_path, videos):
    async with running(tmp_path, videos, HANGS) as transcoder:
        waiting = [asyncio.create_task(transcoder.mp4(videos / "1.webm")) for _ in range(2)]
        await until(children)
        waiting[0].cancel()
        await asyncio.wait([waiting[0]])
        await asyncio.sleep(0.05)
        assert children()  # the other still waits
        waiting[1].cancel()
        await until(lambda: not children())
        await until(lambda: list((tmp_path / "mp4").iterdir()) == [])


async def test_more_than_may_wait_are_turned_away(tmp_path, videos):
    async with running(tmp_path, videos, HANGS, at_once=1) as transcoder:
        waiting = [asyncio.create_task(transcoder.mp4(videos / "0.webm"))]
        await until(children)
        for n in range(MOST_WAITING):
            waiting.append(asyncio.create_task(transcoder.mp4(videos / f"{n + 1}.webm")))
        await until(lambda: transcoder.waiting == MOST_WAITING)
        with pytest.raises(TranscodeError) as error:
            await transcoder.mp4(videos / "29.webm")
        assert error.value.code == "busy"
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)


async def test_a_clip_that_is_deleted_meanwhile_has_no_mp4(tmp_path, videos):
    async with running(tmp_path, videos, HANGS) as transcoder:
        waiting = asyncio.create_task(transcoder.mp4(videos / "1.webm"))
        await until(children)
        await transcoder.remove(["1.webm"])
        with pytest.raises(TranscodeError) as error:
            await waiting
        assert error.value.code == "no_such_clip"
        await until(lambda: not children())


async def test_what_was_made_is_removed_with_its_clip(tmp_path, videos):
    async with running(tmp_path, videos, COPIES) as transcoder:
        path = await transcoder.mp4(videos / "1.webm")
        await transcoder.remove(["1.webm", "never-made.webm"])
        assert not path.exists()


async def test_stopping_ends_what_is_under_way(tmp_path, videos):
    async with running(tmp_path, videos, HANGS) as transcoder:
        waiting = asyncio.create_task(transcoder.mp4(videos / "1.webm"))
        await until(children)
    with pytest.raises(TranscodeError):
        await waiting
    assert children() == []
    with pytest.raises(TranscodeError, match="not converted"):
        await transcoder.mp4(videos / "2.webm")


async def test_what_an_earlier_run_left_half_made_is_cleared_away(tmp_path, videos):
    (tmp_path / "mp4").mkdir()
    (tmp_path / "mp4" / ".1.webm.part").write_bytes(b"half")
    async with running(tmp_path, videos, COPIES):
        assert list((tmp_path / "mp4").iterdir()) == []
