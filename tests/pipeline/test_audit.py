"""The audit log: a line for each event, bounded in memory and on disk, and no call suffers from it."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import asynccontextmanager, suppress

from pipeline import audit as module
from pipeline.audit import Audit

AT = 1_700_000_000.25


@asynccontextmanager
async def running(path, **options):
    audit = Audit(path, clock=lambda: AT, **options)
    task = asyncio.create_task(audit.run())
    try:
        yield audit
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_line_says_when_what_and_by_whom_and_leaves_out_what_is_not_known(tmp_path):
    path = tmp_path / "audit.log"
    async with running(path) as audit:
        audit.put("session_deleted", who="caller", address="10.0.0.7", session_id="0a1b")
        audit.put("retention", labels=3, turns=0)
        audit.put("consent_given", what="analysis", file="x" * 1000)
        await until(lambda: path.exists() and len(lines(path)) == 3)
    at = "2023-11-14T22:13:20.250Z"
    deleted = {
        "at": at,
        "event": "session_deleted",
        "who": "caller",
        "address": "10.0.0.7",
        "session_id": "0a1b",
    }
    assert lines(path)[:2] == [deleted, {"at": at, "event": "retention", "labels": 3, "turns": 0}]
    assert len(lines(path)[2]["file"]) == module.LONGEST
    assert path.stat().st_mode & 0o777 == 0o600


async def test_what_waits_as_the_server_stops_is_written(tmp_path):
    async with running(tmp_path / "audit.log") as audit:
        await asyncio.sleep(0)
        audit.put("server_stopped")
    assert [line["event"] for line in lines(tmp_path / "audit.log")] == ["server_stopped"]


async def test_a_line_cannot_be_made_to_look_like_two(tmp_path):
    async with running(tmp_path / "audit.log") as audit:
        await asyncio.sleep(0)
        audit.put("clip_downloaded", file='a"}\n{"event": "code_accepted"', address="::1\u2028")
    assert [line["event"] for line in lines(tmp_path / "audit.log")] == ["clip_downloaded"]


async def test_a_full_file_is_set_aside_and_there_are_three_at_most(tmp_path):
    path = tmp_path / "audit.log"
    async with running(path, most_bytes=300) as audit:
        for number in range(20):
            audit.put("retention", number=number)
            await until(lambda number=number: path.exists() and lines(path)[-1]["number"] == number)
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["audit.log", "audit.log.1", "audit.log.2"]
    kept = [line["number"] for name in reversed(names) for line in lines(tmp_path / name)]
    assert kept == list(range(kept[0], 20)) and kept[0] > 0
    assert all((tmp_path / name).stat().st_size <= 300 for name in names)
    assert all((tmp_path / name).stat().st_mode & 0o777 == 0o600 for name in names)


async def test_a_disk_that_refuses_is_said_once_and_what_was_lost_is_counted_when_it_is_back(
    tmp_path, caplog
):
    path = tmp_path / "folder" / "audit.log"
    with caplog.at_level(logging.WARNING):
        async with running(path) as audit:
            for _ in range(3):
                audit.put("clip_deleted")
                await until(lambda: not audit._waiting)
                await asyncio.sleep(0.02)
            path.parent.mkdir()
            audit.put("clip_deleted")
            await until(path.exists)
    assert [(line["event"], line.get("count")) for line in lines(path)] == [
        ("clip_deleted", None),
        ("lines_lost", 3),
    ]
    assert len(caplog.records) == 1


async def test_what_there_is_no_room_for_is_lost_and_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    path = tmp_path / "audit.log"
    async with running(path) as audit:
        for _ in range(5):
            audit.put("clip_deleted")
        await until(path.exists)
    assert [line.get("count") for line in lines(path)] == [None, None, 3]


async def test_a_link_that_somebody_left_in_its_place_is_not_followed(tmp_path):
    target = tmp_path / "target"
    target.write_text("theirs")
    (tmp_path / "audit.log").symlink_to(target)
    async with running(tmp_path / "audit.log") as audit:
        await asyncio.sleep(0)
        audit.put("server_started")
    assert target.read_text() == "theirs"
