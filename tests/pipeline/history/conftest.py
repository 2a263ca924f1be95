"""Databases of both kinds, and a history that runs."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import asynccontextmanager, suppress

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

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
async def running(url, **options):
    """A history that runs and has been opened; it is stopped after."""
    history = History(url, **options)
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


@asynccontextmanager
async def locked(url):
    """Held by another program."""
    if url.startswith("sqlite"):
        other = sqlite3.connect(make_url(url).database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()
    else:
        database = Database(url)
        async with database.engine.begin() as connection:
            await connection.execute(text("LOCK TABLE sessions, meta"))
            yield
        await database.close()


async def session(history, session_id="call"):
    found = await history.session(session_id)
    return None if found is None else json.loads(found)


async def opened_and_closed(url):
    async with running(url) as history:
        assert history.status.available
