"""Connections: too many are closed as they come, silent ones after a while, and those that are served stay."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest
from aiohttp import web

from web import connections
from web.connections import Connections

REQUEST = b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Served:
    """A small application behind a door. `may_end` lets its answers end."""

    def __init__(self):
        self.may_end = asyncio.Event()
        self.addresses_of_many = set()
        self.writers = []

    async def slow(self, request):
        await self.may_end.wait()
        return web.Response(text="done")

    async def start(self):
        app = web.Application()
        app.router.add_get("/slow", self.slow)
        self.runner = web.AppRunner(app, access_log=None)
        await self.runner.setup()
        self.door = Connections(self.runner.server, self.addresses_of_many.__contains__)
        self.port = await self.door.listen("127.0.0.1", 0)

    async def stop(self):
        self.may_end.set()
        self.door.close()
        await self.runner.cleanup()
        for writer in self.writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def connect(self, says=b""):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        writer.write(says)
        return reader, writer

    async def here(self, count):
        async with asyncio.timeout(10):
            while len(self.runner.server.connections) != count:
                await asyncio.sleep(0.005)


@pytest.fixture
async def served():
    served = Served()
    await served.start()
    yield served
    await served.stop()


async def open_still(reader):
    """Whether the server leaves the connection open for a moment."""
    return not await closed(reader, within=0.3)


async def closed(reader, within=5.0):
    """Whether the server closes the connection, within so many seconds."""
    try:
        async with asyncio.timeout(within):
            return await reader.read(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


async def test_more_of_one_address_than_there_may_be_are_closed_as_they_come(served, monkeypatch):
    monkeypatch.setattr(connections, "MOST_OF_ONE", 3)
    kept = [await served.connect() for _ in range(3)]
    await served.here(3)
    reader, _ = await served.connect()
    assert await closed(reader) and served.door.refused == 1
    kept[0][1].close()
    await served.here(2)
    again, _ = await served.connect()
    assert await open_still(again), "there is room again"


async def test_an_address_that_others_come_by_is_bounded_with_all_the_rest_only(served, monkeypatch):
    monkeypatch.setattr(connections, "MOST_OF_ONE", 1)
    monkeypatch.setattr(connections, "MOST", 3)
    served.addresses_of_many.add("127.0.0.1")
    for _ in range(3):
        await served.connect()
    await served.here(3)
    reader, _ = await served.connect()
    assert await closed(reader)


@pytest.mark.parametrize("says", [b"", b"GET /slow HTTP/1.1\r\nHost: local"])
async def test_who_does_not_say_a_request_whole_is_let_go(served, says):
    reader, _ = await served.connect(says)
    await served.here(1)
    now = time.monotonic()
    served.door.sweep(now)
    served.door.sweep(now + connections.SILENT - 1)
    assert await open_still(reader)
    served.door.sweep(now + connections.SILENT + 1)
    assert await closed(reader)


async def test_who_waits_for_an_answer_stays_and_is_silent_from_its_end_on(served):
    reader, _ = await served.connect(REQUEST)
    await served.here(1)
    async with asyncio.timeout(10):
        while served.runner.server.requests_count == 0:
            await asyncio.sleep(0.005)
    now = time.monotonic()
    served.door.sweep(now)
    served.door.sweep(now + 10 * connections.SILENT)
    served.may_end.set()
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    await reader.readuntil(b"done")
    served.door.sweep(now + 11 * connections.SILENT)
    served.door.sweep(now + 11.5 * connections.SILENT)
    assert await open_still(reader)
    served.door.sweep(now + 13 * connections.SILENT)
    assert await closed(reader)


def test_the_installed_aiohttp_tells_whether_a_request_is_answered():
    assert "_request_in_progress" in web.RequestHandler.__slots__
