"""Databases that are new, ours, somebody else's, of another version, damaged or in use."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from pipeline.history import database as module
from pipeline.history import schema
from pipeline.history.database import Database, DatabaseRefused, DatabaseTroubled
from pipeline.history.reading import read_sessions, read_timeline
from pipeline.history.records import ConsentSaid
from pipeline.history.trouble import RAISED, trouble
from pipeline.history.writing import write
from tests.pipeline.history.samples import began, label, recording


async def execute(database, *statements):
    async with database.engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def opened(url):
    database = Database(url)
    try:
        await database.open()
    finally:
        await database.close()


async def test_an_empty_one_is_made_ours_and_opened_again(url):
    for _ in range(2):
        database = Database(url)
        await database.open()
        await write(database, [began()])
        await database.close()
    await database.open()
    async with database.reading() as connection:
        assert len((await read_sessions(connection, 10, None)).sessions) == 1
    await database.close()


async def test_one_of_a_newer_version_is_refused_with_what_to_do(database, url):
    await execute(database, "UPDATE meta SET value = '7' WHERE key = 'schema_version'")
    with pytest.raises(DatabaseRefused) as refused:
        await opened(url)
    assert str(refused.value) == (
        f"the history in {database.where} was written by a newer version of Mien (schema 7, this one knows 4): "
        "use that version, or another DATABASE_URL or DATA_DIR."
    )


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE customers (id INTEGER)",
        "CREATE TABLE meta (id INTEGER)",
        "CREATE TABLE meta (key TEXT, value TEXT)",
    ],
)
async def test_somebody_elses_is_refused_and_left_as_it_is(url, statement):
    theirs = Database(url)
    if theirs.is_file:
        theirs._path.parent.mkdir()
    await execute(theirs, statement)
    if theirs.is_file:
        theirs._path.chmod(0o644)
    before = theirs._path.read_bytes() if theirs.is_file else None
    with pytest.raises(DatabaseRefused, match="belongs to another program"):
        await opened(url)
    await theirs.close()
    if theirs.is_file:
        assert theirs._path.read_bytes() == before and theirs._path.stat().st_mode & 0o777 == 0o644
        assert [path.name for path in theirs._path.parent.iterdir()] == ["history.db"]


async def test_one_of_an_older_version_is_brought_up_to_this_one(database, url, monkeypatch):
    await write(database, [began()])

    def add_mood(connection):
        connection.execute(text("ALTER TABLE sessions ADD COLUMN mood TEXT DEFAULT 'calm'"))

    def rename(connection):
        connection.execute(text("UPDATE sessions SET mood = mood || ' and well'"))

    now = schema.SCHEMA_VERSION
    monkeypatch.setattr(schema, "SCHEMA_VERSION", now + 2)
    monkeypatch.setattr(schema, "MIGRATIONS", {now: add_mood, now + 1: rename})
    await opened(url)
    async with database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT mood FROM sessions")) == "calm and well"
        assert await connection.scalar(text("SELECT value FROM meta")) == str(now + 2)


async def test_a_file_of_version_1_gains_what_is_new_and_keeps_what_it_holds(file_url):
    database = Database(file_url)
    database._path.parent.mkdir()
    with sqlite3.connect(database._path) as old:
        old.executescript((Path(__file__).parent / "old" / "schema-1.sql").read_text())
        old.execute("INSERT INTO sessions VALUES ('call', 'call', 'en', 1.0, 2.0, 'left')")
        old.execute("INSERT INTO consents VALUES (1, 'call', 1.5, 1, 0)")
    old.close()
    await database.open()
    new = ConsentSaid(session_id="call", at=1.8, analysis=False, recording=False, version="1-0123abcd")
    await write(database, [new, label(session_id="call")])
    async with database.reading() as connection:
        kept = await read_timeline(connection, "call")
        names = [
            set(await connection.scalars(text("SELECT name FROM sqlite_master WHERE sql IS NOT NULL"))),
            {column async for column in _columns(connection)},
        ]
    await database.close()
    assert [(said.at, said.analysis, said.version) for said in kept.consents] == [
        (1.5, True, None),
        (1.8, False, "1-0123abcd"),
    ]
    assert names[0] == {table.name for table in schema.metadata.sorted_tables} | {
        index.name for table in schema.metadata.sorted_tables for index in table.indexes
    }
    assert names[1] == {
        (table.name, column.name) for table in schema.metadata.sorted_tables for column in table.columns
    }


async def _columns(connection):
    for table in schema.metadata.sorted_tables:
        for row in await connection.execute(text(f"PRAGMA table_info({table.name})")):
            yield table.name, row.name


async def test_a_database_of_version_1_is_brought_up_on_either_kind(database, url):
    await write(database, [began()])
    await execute(
        database,
        "ALTER TABLE consents DROP COLUMN version",
        "ALTER TABLE consents DROP COLUMN given_by",
        *(f"DROP INDEX {table}_oldest" for table in ("labels", "turns", "clips")),
        "UPDATE meta SET value = '1' WHERE key = 'schema_version'",
    )
    await database.close()
    await database.open()
    await write(
        database,
        [ConsentSaid(session_id="call", at=1.0, analysis=True, recording=False, version="1-0123abcd")],
    )
    async with database.reading() as connection:
        assert (await read_timeline(connection, "call")).consents[0].version == "1-0123abcd"


async def test_a_database_of_version_2_gains_the_recordings_on_either_kind(database, url):
    await write(database, [began()])
    await execute(
        database,
        "DROP TABLE recording_files",
        "ALTER TABLE consents DROP COLUMN given_by",
        "UPDATE meta SET value = '2' WHERE key = 'schema_version'",
    )
    await database.close()
    await database.open()
    await write(database, [recording()])
    async with database.reading() as connection:
        (kept,) = (await read_timeline(connection, "call")).recording_files
    assert (kept.name, kept.start, kept.end, kept.size) == ("call.webm", 5.0, 65.0, 9000)


async def test_a_database_of_version_3_learns_who_gave_a_consent_on_either_kind(database, url):
    said = ConsentSaid(session_id="call", at=1.0, analysis=True, recording=False)
    await write(database, [began(), said])
    await execute(
        database,
        "ALTER TABLE consents DROP COLUMN given_by",
        "UPDATE meta SET value = '3' WHERE key = 'schema_version'",
    )
    await database.close()
    await database.open()
    await write(database, [replace(said, at=2.0, given_by="operator")])
    async with database.reading() as connection:
        kept = (await read_timeline(connection, "call")).consents
    assert [each.given_by for each in kept] == ["caller", "operator"]


async def test_a_migration_that_fails_changes_nothing(database, url, monkeypatch):
    def half(connection):
        connection.execute(text("ALTER TABLE sessions ADD COLUMN mood TEXT"))
        connection.execute(text("UPDATE no_such_table SET mood = ''"))

    now = schema.SCHEMA_VERSION
    monkeypatch.setattr(schema, "SCHEMA_VERSION", now + 1)
    monkeypatch.setattr(schema, "MIGRATIONS", {now: half})
    with pytest.raises(RAISED):
        await opened(url)
    async with database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT value FROM meta")) == str(now)
        with pytest.raises(RAISED):
            await connection.execute(text("SELECT mood FROM sessions"))


async def test_the_file_and_those_beside_it_are_their_owners_alone(file_url):
    database = Database(file_url)
    await database.open()
    await write(database, [began()])
    files = list(database._path.parent.iterdir())
    assert {path.name for path in files} == {"history.db", "history.db-wal", "history.db-shm"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    await database.close()


async def test_a_file_is_written_through_to_the_disk_and_what_is_deleted_is_overwritten(file_url):
    database = Database(file_url)
    await database.open()
    async with database.bare() as connection:
        for pragma, value in {
            "journal_mode": "wal",
            "synchronous": 2,
            "secure_delete": 1,
            "foreign_keys": 1,
            "busy_timeout": 1000,
        }.items():
            assert await connection.scalar(text(f"PRAGMA {pragma}")) == value
    await database.close()


@pytest.mark.parametrize("damage", ["no database", "a page"])
async def test_a_damaged_file_is_left_as_it_is(file_url, damage):
    database = Database(file_url)
    await database.open()
    await write(database, [began(), *(label(second) for second in range(500))])
    await database.close()
    content = bytearray(database._path.read_bytes())
    if damage == "no database":
        content[:100] = b"x" * 100
    else:
        content[4096 * 3 : 4096 * 20] = b"\xff" * (4096 * 17)
    database._path.write_bytes(content)
    with pytest.raises((*RAISED, DatabaseTroubled)) as raised:
        await opened(file_url)
    found = getattr(raised.value, "trouble", None) or trouble(raised.value, database.where)
    assert found.code == "history_damaged"
    assert str(database._path) in found.reason and "move it away" in found.reason
    assert database._path.read_bytes() == content


async def test_a_full_disk_is_told_and_when_there_is_room_again_all_is_well(file_url):
    database = Database(file_url)
    await database.open()
    await write(database, [began()])
    # SQLite's own limit of the file's pages stands for the disk's end: the same error, SQLITE_FULL.
    async with database.bare() as connection:
        pages = await connection.scalar(text("PRAGMA page_count"))
        await connection.execute(text(f"PRAGMA max_page_count={pages + 1}"))
    many = [label(second, description="x" * 1000) for second in range(100)]
    with pytest.raises(RAISED) as raised:
        await write(database, many)
    assert trouble(raised.value, "here").code == "history_full"
    async with database.bare() as connection:
        await connection.execute(text("PRAGMA max_page_count=1000000"))
    assert await write(database, many) == []
    async with database.reading() as connection:
        assert (await read_sessions(connection, 1, None)).sessions[0].labels == 100
    await database.close()


async def test_a_file_that_another_program_holds_is_locked(file_url, monkeypatch):
    monkeypatch.setattr(module, "BUSY_MS", 50)
    database = Database(file_url)
    await database.open()
    with sqlite3.connect(database._path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RAISED) as raised:
            await write(database, [began()])
        other.execute("ROLLBACK")
    other.close()
    assert trouble(raised.value, "here").code == "history_locked"
    assert await write(database, [began()]) == []
    await database.close()


async def test_a_file_that_may_only_be_read_cannot_be_used(file_url):
    database = Database(file_url)
    await database.open()
    async with database.bare() as connection:  # root may write to any file, so SQLite is told not to
        await connection.execute(text("PRAGMA query_only=ON"))
    with pytest.raises(RAISED) as raised:
        await database.try_write()
    found = trouble(raised.value, database.where)
    assert found.code == "history_unreachable" and "readonly" in found.reason
    await database.close()


async def test_a_table_that_another_program_holds_is_locked(postgres, monkeypatch):
    monkeypatch.setattr(module, "BUSY_MS", 50)
    database = Database(postgres.url())
    await database.open()
    async with database.engine.begin() as other:
        await other.execute(text("LOCK TABLE sessions"))
        with pytest.raises(RAISED) as raised:
            await write(database, [began()])
    assert trouble(raised.value, "here").code == "history_locked"
    assert await write(database, [began()]) == []
    await database.close()


async def test_a_file_moved_away_is_noticed(file_url):
    database = Database(file_url)
    await database.open()
    assert not await database.moved()
    database._path.rename(Path(f"{database._path}.old"))
    assert await database.moved()
    await database.close()
    await database.open()
    assert not await database.moved()
    await database.close()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite+aiosqlite:////proc/history.db",
        "postgresql+asyncpg://me:secret@127.0.0.1:1/mien",
        "postgresql+asyncpg://me:secret@no-such-host.invalid/mien",
        "postgresql+asyncpg://me:secret@/mien?host=/no/such/folder",
    ],
)
async def test_one_that_cannot_be_reached_is_told_without_its_password(url):
    with pytest.raises(RAISED) as raised:
        await opened(url)
    found = trouble(raised.value, Database(url).where)
    assert found.code == "history_unreachable"
    assert "secret" not in found.reason


async def test_a_database_that_is_not_there_cannot_be_reached(postgres):
    with pytest.raises(RAISED) as raised:
        await opened(postgres.url().replace("/postgres?", "/nothing?"))
    assert trouble(raised.value, "here").code == "history_unreachable"
