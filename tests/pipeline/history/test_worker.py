"""The history's process: killed, stopped, and told to end."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import stat
import subprocess
from asyncio.subprocess import PIPE
from pathlib import Path

import psutil
import pytest

from pipeline.history.history import COMMAND
from pipeline.history.worker import PIECE
from tests.pipeline.history.conftest import running, until
from tests.pipeline.history.samples import began, label, turn


async def say(history, numbers, kept, text="Hello.", *, until_refused=False):
    for number in numbers:
        if await history.keep(turn(str(number), text)):
            kept.append(str(number))
        elif until_refused:
            return


@pytest.mark.parametrize("url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True)
async def test_nothing_acknowledged_is_missing_when_it_is_killed_while_it_writes(url):
    kept, numbers = [], iter(range(10**6))
    async with running(url) as history:
        talking = [asyncio.create_task(say(history, numbers, kept)) for _ in range(8)]
        pid = history.pid
        await until(lambda: len(kept) > 100)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: history.pid not in (None, pid))
        enough = len(kept) + 10
        await until(lambda: len(kept) > enough)
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        timeline = json.loads(b"".join(await history.timeline("call", "json")))
    found = [said["message_id"] for said in timeline["turns"]]
    assert len(set(found)) == len(found)
    assert set(kept) <= set(found)


@pytest.fixture
def small_disk(tmp_path):
    """A folder of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if (
        shutil.which("mount") is None
        or subprocess.run(mount, check=False, capture_output=True).returncode != 0
    ):
        pytest.skip("a disk of one megabyte can only be mounted by root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
async def test_a_full_disk_is_told_and_when_there_is_room_again_what_waits_is_written(small_disk):
    async with running(f"sqlite+aiosqlite:///{small_disk}/state/history.db") as history:
        kept = []
        await say(history, range(100), kept, "x" * 20_000, until_refused=True)
        assert 0 < len(kept) < 100
        assert history.status.code == "history_full" and history.status.waiting == 1
        assert len(await history.turns("call")) == len(kept)
        remount = ["mount", "-o", "remount,size=8m", str(small_disk)]
        await asyncio.to_thread(subprocess.run, remount, check=True)
        await until(lambda: history.status.available)
        assert len(await history.turns("call")) == len(kept) + 1


async def test_it_writes_what_was_put_and_ends_by_itself_when_the_server_stops(file_url, tmp_path, caplog):
    async with running(file_url) as history:
        process = psutil.Process(history.pid)
        process.terminate()  # as a service manager does to all of the server's processes
        for second in range(1000):
            history.put(label(second))
        history.put(began("other"))
        files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()}
    assert not process.is_running()
    assert "killed" not in caplog.text and "started again" not in caplog.text
    assert files == {"history.db": 0o600, "history.db-wal": 0o600, "history.db-shm": 0o600}
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["history.db"]
    assert history.status.waiting == 0


async def test_it_ends_when_its_input_does_though_it_was_told_nothing():
    process = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=PIPE, stdout=PIPE, cwd=Path(__file__).parents[3]
    )
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 20) == 0


async def test_a_long_timeline_comes_in_pieces_that_make_it_whole(file_url):
    async with running(file_url) as history:
        for second in range(2000):
            history.put(label(second))
        pieces = await history.timeline("call", "json")
        assert len(pieces) > 2 and max(map(len, pieces)) == PIECE
        timeline = json.loads(b"".join(pieces))
        assert [seen["window_end"] for seen in timeline["labels"]] == list(range(2000))
        assert b"".join(await history.timeline("call", "csv")).count(b"\r\n") == 2001
        assert await history.timeline("nobody", "json") is None
