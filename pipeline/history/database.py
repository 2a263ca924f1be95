"""The database: opened, checked to be ours and of a version that we know, and lent out in transactions."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import event, insert, inspect, select, text, update
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from pipeline.history import schema
from pipeline.history.address import shown
from pipeline.history.trouble import DAMAGED, Trouble, said

BUSY_MS = 1000
"""Milliseconds that a statement waits for another program's lock."""

ANSWER = 5.0
"""Seconds in which PostgreSQL must take a connection or do a statement."""

CHECKED_BYTES = 256 * 1024 * 1024
"""A larger file is not looked through when it is opened."""

CREATING = 0x4D69656E
"""The key of PostgreSQL's lock under which tables are made."""

VERSION = "schema_version"


class DatabaseTroubled(Exception):
    """The database was found to be unfit for use, though no statement failed."""

    def __init__(self, found: Trouble) -> None:
        super().__init__(found.reason)
        self.trouble = found


class DatabaseRefused(Exception):
    """The database is somebody else's, or a newer version's. The message says what to do, in one sentence."""


class Database:
    """One database. `open` must have succeeded before anything is read or written; all else raises what is named in
    `trouble.RAISED`."""

    def __init__(self, url: str) -> None:
        """`url` is SQLAlchemy's."""
        parts = make_url(url)
        self.is_file = parts.get_backend_name() == "sqlite"
        self.where = shown(url)
        self._path = Path(parts.database or "")
        self._identity: tuple[int, int] | None = None
        self.is_open = False
        self.engine = _sqlite(url) if self.is_file else _postgresql(url)

    async def open(self) -> None:
        """Create the tables where there are none; bring those of an older version up to this one.

        Raises `DatabaseRefused`, `DatabaseTroubled`.
        """
        if self.is_open:
            return
        if self.is_file:
            await asyncio.to_thread(self._prepare_file)
            await self._look_through()
        async with self.writing() as connection:
            if not self.is_file:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CREATING})
            await connection.run_sync(_check_schema, self.where)
        if self.is_file:
            async with self.bare() as connection:  # only now: what is not ours stays as it is
                await connection.execute(text("PRAGMA journal_mode=WAL"))
            self._identity = await asyncio.to_thread(self._own)
        self.is_open = True

    async def close(self) -> None:
        """Let every connection go; `open` opens it again."""
        self.is_open = False
        await self.engine.dispose()

    async def moved(self) -> bool:
        """Whether the file that is open lies no longer where it should."""
        return self._identity is not None and self._identity != await asyncio.to_thread(self._identify)

    async def try_write(self) -> None:
        """Write what is there already, to see whether that is possible."""
        async with self.writing() as connection:
            row = schema.meta.c
            await connection.execute(update(schema.meta).where(row.key == VERSION).values(value=row.value))

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncConnection]:
        """A transaction that writes: on disk when the block is left, undone where it raises."""
        async with self._connected("BEGIN IMMEDIATE") as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """A transaction that reads, in SQLite all from one moment."""
        async with self._connected("BEGIN") as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def bare(self) -> AsyncGenerator[AsyncConnection]:
        """A connection to a file without a transaction, as some pragmas want it."""
        async with self._connected(None) as connection:
            yield connection

    @asynccontextmanager
    async def _connected(
        self, begin: Literal["BEGIN", "BEGIN IMMEDIATE"] | None
    ) -> AsyncGenerator[AsyncConnection]:
        async with self.engine.connect() as connection:
            await connection.execution_options(begin=begin)
            yield connection

    def _prepare_file(self) -> None:
        """Make the file, for its owner alone; SQLite gives the files beside it the same rights."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self._path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))

    async def _look_through(self) -> None:
        size = (await asyncio.to_thread(self._path.stat)).st_size
        if not 0 < size <= CHECKED_BYTES:
            return
        async with self.bare() as connection:
            found = (await connection.execute(text("PRAGMA quick_check(1)"))).scalar_one()
        if found != "ok":
            raise DatabaseTroubled(said(DAMAGED, self.where, "some of its pages are wrong"))

    def _own(self) -> tuple[int, int] | None:
        with suppress(OSError):  # it may lie where there are no rights
            self._path.chmod(0o600)
        return self._identify()

    def _identify(self) -> tuple[int, int] | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_dev, stat.st_ino


def _sqlite(url: str) -> AsyncEngine:
    engine = create_async_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_MS / 1000})

    @event.listens_for(engine.sync_engine, "connect")
    def _(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say so
        cursor = connection.cursor()
        for pragma in ("foreign_keys=ON", "synchronous=FULL", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _(connection: Connection) -> None:
        begin = connection.get_execution_options().get("begin")
        if begin is not None:
            connection.exec_driver_sql(begin)

    return engine


def _postgresql(url: str) -> AsyncEngine:
    return create_async_engine(
        url,
        hide_parameters=True,  # nothing that people say is to be in an error
        pool_pre_ping=True,
        pool_timeout=ANSWER,
        connect_args={
            "timeout": ANSWER,
            "command_timeout": ANSWER,
            "server_settings": {
                "lock_timeout": f"{BUSY_MS}ms",
                "synchronous_commit": "on",
                "application_name": "mien",
            },
        },
    )


def _check_schema(connection: Connection, where: str) -> None:
    """In a transaction that writes."""
    inspector = inspect(connection)
    names = sorted(inspector.get_table_names())
    if not names:
        schema.metadata.create_all(connection)
        connection.execute(insert(schema.meta).values(key=VERSION, value=str(schema.SCHEMA_VERSION)))
        return
    version = None
    if "meta" in names and {column["name"] for column in inspector.get_columns("meta")} == {"key", "value"}:
        version = connection.scalar(select(schema.meta.c.value).where(schema.meta.c.key == VERSION))
    if version is None or not version.isdecimal():
        raise DatabaseRefused(
            f"the database in {where} belongs to another program (its tables: {', '.join(names[:5])}): "
            "use another DATABASE_URL or DATA_DIR."
        )
    _migrate(connection, int(version), where)


def _migrate(connection: Connection, version: int, where: str) -> None:
    if version > schema.SCHEMA_VERSION:
        raise DatabaseRefused(
            f"the history in {where} was written by a newer version of Mien (schema {version}, this one knows "
            f"{schema.SCHEMA_VERSION}): use that version, or another DATABASE_URL or DATA_DIR."
        )
    for older in range(version, schema.SCHEMA_VERSION):
        schema.MIGRATIONS[older](connection)
    if version < schema.SCHEMA_VERSION:
        connection.execute(
            update(schema.meta).where(schema.meta.c.key == VERSION).values(value=str(schema.SCHEMA_VERSION))
        )
