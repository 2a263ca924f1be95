"""A consent is withdrawn: the rows that came of it go, and nothing else of the session."""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pipeline.history import schema
from pipeline.history.records import Withdrawn
from pipeline.history.values import text


async def withdraw(connection: AsyncConnection, record: Withdrawn) -> None:
    """Delete what came of a consent, in a transaction that writes. Raises one of `trouble.RAISED`."""
    session_id = text(record.session_id)
    label, turn = schema.labels.c, schema.turns.c
    if record.what == "analysis":
        statements = [
            delete(schema.labels).where(label.session_id == session_id),
            update(schema.turns)
            .where(turn.session_id == session_id, turn.mood.is_not(None))
            .values(mood=None),
        ]
    else:
        statements = [
            *(
                delete(table).where(table.c.session_id == session_id)
                for table in (schema.clips, schema.recording_files, schema.recordings)
            ),
            update(schema.labels)
            .where(label.session_id == session_id, label.video_name.is_not(None))
            .values(video_name=None),
        ]
    for statement in statements:
        await connection.execute(statement)
