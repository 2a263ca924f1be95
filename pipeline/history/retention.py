"""What is too old leaves: labels and chat by ages of their own, clips with their files, and empty sessions."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from sqlalchemy import ColumnElement, Table, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pipeline.history import schema
from pipeline.history.database import Database

BATCH, SESSIONS = 500, 50
"""Rows of a table, and sessions, that leave in one transaction: a moment, so that what is said now waits no longer."""

HELD = (schema.labels, schema.turns, schema.clips, schema.recording_files)
"""What keeps a session: while there is a row of one of these it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """Seconds for which a label, a turn of the chat, a clip and a recording are kept."""

    labels: float
    chat: float
    clips: float
    recordings: float = 7 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """How much left for its age. `moods` counts turns that stay, without what the model was told of expressions."""

    labels: int = 0
    moods: int = 0
    turns: int = 0
    clips: int = 0
    recordings: int = 0
    sessions: int = 0

    def __bool__(self) -> bool:
        return any(astuple(self))

    def __add__(self, other: Aged) -> Aged:
        return Aged(
            labels=self.labels + other.labels,
            moods=self.moods + other.moods,
            turns=self.turns + other.turns,
            clips=self.clips + other.clips,
            recordings=self.recordings + other.recordings,
            sessions=self.sessions + other.sessions,
        )


async def age_out(database: Database, ages: Ages, now: float) -> Aged:
    """Delete some of what is too old at `now`, in epoch seconds, in one transaction: to be called until nothing is.
    Raises one of `trouble.RAISED`.

    A session with its consents and recordings leaves when it has ended, or is a chat without a call, nothing else of it
    is left, and it is older than labels and chat may be. SQLite overwrites what is deleted, and its log is to be cut
    afterwards, as in `deletion`.
    """
    turn, label_limit = schema.turns.c, now - ages.labels
    async with database.writing() as connection:
        moods = select(turn.id).where(turn.mood.is_not(None), turn.at < label_limit).limit(BATCH)
        forgotten = update(schema.turns).where(turn.id.in_(moods)).values(mood=None)
        return Aged(
            labels=await _older(connection, schema.labels, schema.labels.c.id, label_limit),
            moods=(await connection.execute(forgotten)).rowcount,
            turns=await _older(connection, schema.turns, turn.id, now - ages.chat),
            clips=await _older(connection, schema.clips, schema.clips.c.name, now - ages.clips),
            recordings=await _older(
                connection,
                schema.recording_files,
                schema.recording_files.c.name,
                now - ages.recordings,
            ),
            sessions=await _sessions(connection, now - max(ages.labels, ages.chat)),
        )


async def _older(
    connection: AsyncConnection, table: Table, key: ColumnElement[int] | ColumnElement[str], limit: float
) -> int:
    oldest = select(key).where(table.c.at < limit).order_by(table.c.at).limit(BATCH)
    return (await connection.execute(delete(table).where(key.in_(oldest)))).rowcount


async def _sessions(connection: AsyncConnection, limit: float) -> int:
    row = schema.sessions.c
    over = (row.ended_at < limit) | ((row.kind == "chat") & (row.began_at < limit))
    empty = [~exists().where(table.c.session_id == row.session_id) for table in HELD]
    ids = list(await connection.scalars(select(row.session_id).where(over, *empty).limit(SESSIONS)))
    for table in (schema.consents, schema.recordings, schema.sessions):
        await connection.execute(delete(table).where(table.c.session_id.in_(ids)))
    return len(ids)
