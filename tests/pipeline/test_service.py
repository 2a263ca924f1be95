"""A process that is kept alive: configured, spoken to, started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager, suppress

import pytest

from pipeline import service
from pipeline.service import Service, ServiceDown

ECHO = """
import sys
from models.pipes import pack, read
while (message := read(sys.stdin.buffer)) is not None:
    if message == "die":
        sys.exit(7)
    sys.stdout.buffer.write(pack(message)); sys.stdout.buffer.flush()
"""


@asynccontextmanager
async def running(code=ECHO, **options):
    heard, lost = asyncio.Queue(), asyncio.Queue()
    kept = Service(
        "echo",
        (sys.executable, "-c", code),
        lambda: "configuration",
        heard.put_nowait,
        lost.put_nowait,
        **options,
    )
    task = asyncio.create_task(kept.run())
    try:
        yield kept, heard, lost
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_each_process_is_told_its_configuration_first_and_is_heard():
    async with running() as (kept, heard, _), asyncio.timeout(5):
        assert await heard.get() == "configuration"
        await kept.send({"question": 1})
        assert await heard.get() == {"question": 1}


async def test_one_that_ends_is_replaced_and_the_loss_is_told_with_its_reason():
    async with running() as (kept, heard, lost), asyncio.timeout(10):
        await heard.get()
        first = kept.pid
        await kept.send("die")
        assert "status 7" in await lost.get()
        with pytest.raises(ServiceDown, match="status 7"):
            await kept.send("anything")
        assert await heard.get() == "configuration"
        assert kept.pid not in (None, first) and kept.restarts == 1


async def test_one_that_cannot_be_started_is_tried_ever_more_rarely(monkeypatch):
    monkeypatch.setattr(service, "BACK_OFF", (0.01, 0.5))
    lost = asyncio.Queue()
    kept = Service("nothing", ("/no/such/program",), lambda: None, print, lost.put_nowait)
    task = asyncio.create_task(kept.run())
    async with asyncio.timeout(5):
        assert "cannot be started" in await lost.get()
        await lost.get()
    await asyncio.sleep(0.1)
    assert lost.empty()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_the_process_is_given_its_grace_to_end(tmp_path):
    slow = "import sys, time; from models.pipes import pack; sys.stdout.buffer.write(pack(1)); sys.stdout.flush()\n"
    slow += f"sys.stdin.buffer.read(); time.sleep(0.8); open({str(tmp_path / 'done')!r}, 'w').close()"
    async with running(slow, grace=5.0) as (_, heard, _lost):
        assert await asyncio.wait_for(heard.get(), 5) == 1
    assert (tmp_path / "done").exists()


@pytest.mark.slow
async def test_one_that_hangs_is_replaced_and_one_that_is_only_not_asked_anything_is_not(monkeypatch):
    monkeypatch.setattr(service, "BEAT", 0.1)
    monkeypatch.setattr(service, "SILENCE", 1.0)
    async with running() as (kept, heard, lost), asyncio.timeout(15):
        await heard.get()
        first = kept.pid
        await asyncio.sleep(1.5)
        assert kept.pid == first and heard.empty()
        os.kill(first, signal.SIGSTOP)
        assert "has not said a word" in await lost.get()
        await heard.get()
        assert kept.pid not in (None, first)
