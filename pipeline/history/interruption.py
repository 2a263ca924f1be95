"""Calls that have no end although the server that held them is gone: they ended with the last thing known of them."""

from __future__ import annotations

from sqlalchemy import func, select, update

from pipeline.history import schema
from pipeline.history.database import Database

REASON = "interrupted: the server stopped without a word"

MOMENTS = (
    schema.consents.c.at,
    schema.recordings.c.began_at,
    schema.recordings.c.ended_at,
    schema.turns.c.at,
    schema.labels.c.at,
    schema.clips.c.at,
    schema.recording_files.c.at,
)


async def end_interrupted(database: Database) -> int:
    """Give every call without an end one. Returns how many there were. Raises one of `trouble.RAISED`."""
    row = schema.sessions.c
    async with database.writing() as connection:
        query = select(row.session_id, row.began_at).where(row.kind == "call", row.ended_at.is_(None))
        found = (await connection.execute(query)).all()
        for session_id, began_at in found:
            last = began_at
            for moment in MOMENTS:
                latest = select(func.max(moment)).where(moment.table.c.session_id == session_id)
                last = max(last, await connection.scalar(latest) or last)
            ended = update(schema.sessions).where(row.session_id == session_id)
            await connection.execute(ended.values(ended_at=last, end_reason=REASON))
            recording = schema.recordings.c
            still = (recording.session_id == session_id) & recording.ended_at.is_(None)
            await connection.execute(update(schema.recordings).where(still).values(ended_at=last))
    return len(found)
