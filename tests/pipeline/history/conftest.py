"""Databases of both kinds, and a history that runs."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest

from pipeline.history.database import Database
from pipeline.history.history import History
from tests.pipeline.history.postgres import Postgres, programs


@pytest.fixture(scope="session")
def postgres():
    """A server that runs."""
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed (Debian, Ubuntu: apt install postgresql)")
    server = Postgres(folder)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def file_url(tmp_path):
    return f"sqlite+aiosqlite:///{tmp_path / 'state' / 'history.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request):
    """The address of an empty database."""
    if request.param == "sqlite":
        return request.getfixturevalue("file_url")
    return request.getfixturevalue("postgres").url()


@pytest.fixture
async def database(url):
    """An open database."""
    opened = Database(url)
    await opened.open()
    yield opened
    await opened.close()


@asynccontextmanager
async def running(url):
    """A history that runs and has been opened; it is stopped after."""
    history = History(url)
    task = asyncio.create_task(history.run())
    try:
        await history.opened()
        yield history
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition, seconds=10.0):
    """Wait for what no event tells."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
