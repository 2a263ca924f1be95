"""A session is forgotten: its rows, and what is left of them in SQLite's files."""

from __future__ import annotations

import asyncio

from sqlalchemy import delete

from pipeline.history import schema
from pipeline.history.database import Database, DatabaseTroubled
from pipeline.history.trouble import LOCKED, Trouble
from pipeline.history.values import text
from pipeline.history.writing import truncate_log

PATIENCE = 5.0
"""Seconds in which readers must have come to an end."""


async def forget(database: Database, session_id: str) -> bool:
    """Delete all rows of a session. False where there were none.

    SQLite overwrites what is deleted, and its log is cut, so that the files hold no trace. PostgreSQL frees the rows
    when it next vacuums. Raises one of `trouble.RAISED`, and `DatabaseTroubled` when another program reads on and
    on: then the log still holds what was deleted, until this is asked again.
    """
    rows = 0
    async with database.writing() as connection:
        for table in (*schema.OF_A_SESSION, schema.sessions):
            statement = delete(table).where(table.c.session_id == text(session_id))
            rows += (await connection.execute(statement)).rowcount
    if database.is_file:
        await _leave_no_trace(database)
    return rows > 0


async def _leave_no_trace(database: Database) -> None:
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not await truncate_log(database):  # each time it waits for readers a while
        if asyncio.get_running_loop().time() > deadline:
            reason = (
                f"it is deleted, but {database.where}-wal holds it still, as a program reads; delete it again"
            )
            raise DatabaseTroubled(Trouble(code=LOCKED, reason=reason))
