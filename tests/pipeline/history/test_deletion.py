"""A deleted session leaves nothing."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import text

from pipeline.history import deletion
from pipeline.history.database import DatabaseTroubled
from pipeline.history.deletion import forget
from pipeline.history.reading import read_session, read_timeline
from pipeline.history.records import ConsentSaid, RecordingBegan, TurnsCleared
from pipeline.history.writing import write
from tests.pipeline.history.samples import AT, began, clip, label, turn

SECRET = "the zebra has left the harbour"


def session(session_id="call"):
    return [
        began(session_id),
        ConsentSaid(session_id=session_id, at=AT, analysis=True, recording=True),
        RecordingBegan(session_id=session_id, at=AT),
        *(turn(str(n), f"{SECRET} {n} {'x' * 500 * n}", session_id=session_id) for n in range(20)),
        *(label(n, session_id=session_id, description=SECRET) for n in range(100)),
        clip(f"{session_id}.webm", session_id=session_id),
    ]


def traces(database):
    files = [path for path in database._path.parent.iterdir() if SECRET.encode() in path.read_bytes()]
    return [path.name for path in files]


async def test_all_of_the_session_is_gone_and_nothing_of_another(database):
    await write(database, [*session(), *session("other")])
    async with database.reading() as connection:
        before = await read_timeline(connection, "other")
    assert await forget(database, "call") is True
    assert await forget(database, "call") is False
    async with database.reading() as connection:
        assert await read_session(connection, "call") is None
        assert await read_timeline(connection, "other") == before


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_no_byte_of_it_is_left_in_the_files(database):
    await write(database, session())
    await write(database, [turn("1", f"{SECRET}, said again")])
    assert traces(database)
    await forget(database, "call")
    assert not traces(database)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_no_byte_of_a_chat_that_was_cleared_is_left_in_the_files(database):
    await write(database, [began(), *(turn(str(n), f"{SECRET} {n}") for n in range(50))])
    await write(database, [TurnsCleared(session_id="call")])
    assert not traces(database)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_what_another_program_still_reads_is_told_and_goes_when_asked_again(database, monkeypatch):
    monkeypatch.setattr(deletion, "PATIENCE", 0.1)
    await write(database, session())
    async with database.bare() as connection:
        await connection.execute(text("PRAGMA busy_timeout=50"))
    other = sqlite3.connect(database._path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT * FROM turns").fetchone()
    with pytest.raises(DatabaseTroubled, match="delete it again"):
        await forget(database, "call")
    other.execute("ROLLBACK")
    other.close()
    await forget(database, "call")
    assert not traces(database)
