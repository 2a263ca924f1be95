"""Whether the database of the history can be reached, without writing into it."""

from __future__ import annotations

from sqlalchemy import text

from pipeline.history.database import Database
from pipeline.history.trouble import RAISED, UNREACHABLE, Trouble, said, trouble


async def unreachable(url: str) -> Trouble | None:
    """What is in the way of a server's database; None where it answers. `url` is SQLAlchemy's. A file, which is made
    where there is none, is not opened."""
    database = Database(url)
    if database.is_file:
        return None
    try:
        async with database.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except RAISED as error:
        return trouble(error, database.where) or said(UNREACHABLE, database.where, type(error).__name__)
    finally:
        await database.engine.dispose()
    return None
