"""Records become rows: in order, in one transaction, and again without doubling any."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, assert_never

from sqlalchemy import ColumnElement, Table, bindparam, delete, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import UpdateBase

from pipeline.history import schema
from pipeline.history.database import Database
from pipeline.history.records import (
    ClipKept,
    ConsentSaid,
    LabelSeen,
    Record,
    RecordingBegan,
    RecordingEnded,
    RecordingKept,
    SessionBegan,
    SessionEnded,
    TurnSaid,
    TurnsCleared,
    Withdrawn,
)
from pipeline.history.trouble import RAISED, trouble
from pipeline.history.values import figures, number, optional_text, whole
from pipeline.history.values import text as words
from pipeline.history.withdrawal import withdraw

Row = dict[str, Any]

INSERTS: dict[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}

LANES: dict[type[Record], int] = {
    SessionBegan: 0,
    ConsentSaid: 1,
    RecordingBegan: 2,
    RecordingEnded: 2,
    TurnSaid: 3,
    TurnsCleared: 3,
    LabelSeen: 4,
    ClipKept: 5,
    RecordingKept: 6,
    SessionEnded: 7,
}
"""Records of different lanes touch different rows, so that a batch is written lane by lane, each in order: many rows
with one statement. Only the end of a session, which closes its recordings, must come last. A `Withdrawn` touches rows
of several lanes: what was said before it is written before it, and what was said after it after it."""

ERASING = (TurnsCleared, Withdrawn)
"""What deletes: SQLite's log is cut after it."""


async def write(database: Database, batch: Sequence[Record]) -> list[int]:
    """Write records, which are on disk when this returns. Returns the places of those that the database does not take.

    Raises one of `trouble.RAISED`, and then has written nothing, or only the first part of the batch: write all of it
    again.
    """
    refused: list[int] = []
    waiting = [range(len(batch))]
    while waiting:
        part = waiting.pop()
        try:
            async with database.writing() as connection:
                await _write(connection, [batch[index] for index in part])
        except RAISED as error:
            if trouble(error, database.where) is not None:
                raise
            if len(part) == 1:
                refused.append(part.start)
            else:  # one of them spoils the others: look for it
                half = len(part) // 2
                waiting += [part[half:], part[:half]]
    if database.is_file and any(isinstance(record, ERASING) for record in batch):
        await truncate_log(database)
    return refused


async def truncate_log(database: Database) -> bool:
    """Move SQLite's log into the file, so that nothing is left of what was overwritten or deleted. False while
    another connection reads what is older."""
    async with database.bare() as connection:
        busy = (await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))).scalar_one()
    return not busy


async def _write(connection: AsyncConnection, records: Iterable[Record]) -> None:
    for kind, run in groupby(records, lambda record: isinstance(record, Withdrawn)):
        if not kind:
            await _write_lanes(connection, run)
            continue
        for record in run:
            assert isinstance(record, Withdrawn)
            await withdraw(connection, record)


async def _write_lanes(connection: AsyncConnection, records: Iterable[Record]) -> None:
    insert = Upserts(connection.dialect.name)
    for lane, group in groupby(sorted(records, key=_lane), _lane):
        in_lane = list(group)
        if lane > 0:
            strangers = {row["session_id"]: row for record in reversed(in_lane) for row in _stranger(record)}
            if strangers:
                await connection.execute(insert.new(schema.sessions), list(strangers.values()))
        for kind, run in groupby(in_lane, type):
            rows = [_row(record) for record in run]
            await connection.execute(_statement(kind, insert), rows)
            if kind is SessionEnded:
                moments = [{key: row[key] for key in ("of_session", "moment")} for row in rows]
                await connection.execute(_close_recordings(), moments)


def _lane(record: Record) -> int:
    return LANES[type(record)]


class Upserts:
    """Inserts in a dialect's words. Every row has a natural key; the one of the same key is left or replaced."""

    def __init__(self, dialect: str) -> None:
        self._insert = INSERTS[dialect]

    def new(self, table: Table) -> UpdateBase:
        """Leave a row that is there."""
        return self._insert(table).on_conflict_do_nothing()

    def newest(self, table: Table, *key: str) -> UpdateBase:
        """Replace the row of the same key."""
        insert = self._insert(table)
        others = {c.name: insert.excluded[c.name] for c in table.columns if c.name not in (*key, "id")}
        return insert.on_conflict_do_update(index_elements=list(key), set_=others)


def _statement(kind: type[Record], insert: Upserts) -> UpdateBase:
    if kind is SessionBegan:
        return insert.new(schema.sessions)
    if kind is ConsentSaid:
        return insert.newest(schema.consents, "session_id", "at")
    if kind is RecordingBegan:
        return insert.new(schema.recordings)
    if kind is RecordingEnded:
        return _close_recordings()
    if kind is TurnSaid:
        return insert.newest(schema.turns, "session_id", "message_id", "role")
    if kind is TurnsCleared:
        return delete(schema.turns).where(schema.turns.c.session_id == bindparam("of_session"))
    if kind is LabelSeen:
        return insert.newest(schema.labels, "session_id", "window_end", "engine", "provisional")
    if kind is ClipKept:
        return insert.newest(schema.clips, "name")
    if kind is RecordingKept:
        return insert.newest(schema.recording_files, "name")
    ended = update(schema.sessions).where(schema.sessions.c.session_id == bindparam("of_session"))
    return ended.values(ended_at=bindparam("moment"), end_reason=bindparam("why"))


def _close_recordings() -> UpdateBase:
    row = schema.recordings.c
    # Not one that began later: this record may be written a second time, after the next one began.
    still: ColumnElement[bool] = row.ended_at.is_(None) & (row.began_at <= bindparam("moment"))
    return (
        update(schema.recordings)
        .where(row.session_id == bindparam("of_session"), still)
        .values(ended_at=bindparam("moment"))
    )


def _row(record: Record) -> Row:
    match record:
        case SessionBegan():
            return _session(record, record.kind, record.at, record.language)
        case SessionEnded():
            return _moment(record) | {"why": words(record.reason)}
        case RecordingEnded():
            return _moment(record)
        case TurnsCleared():
            return {"of_session": words(record.session_id)}
        case ConsentSaid():
            return _base(record) | {
                "analysis": record.analysis,
                "recording": record.recording,
                "version": optional_text(record.version),
                "given_by": record.given_by,
            }
        case RecordingBegan():
            return {"session_id": words(record.session_id), "began_at": number(record.at), "ended_at": None}
        case TurnSaid():
            return _turn(record)
        case LabelSeen():
            return _label(record)
        case ClipKept() | RecordingKept():
            return _base(record) | {
                "name": words(record.name),
                "start": number(record.start),
                "end": number(record.end),
                "size": whole(record.size),
            }
        case Withdrawn():
            raise TypeError("a withdrawal is no row")
        case _:
            assert_never(record)


def _stranger(record: Record) -> Iterable[Row]:
    """The session of a record, for the case that its beginning was never kept."""
    if not isinstance(record, SessionBegan | TurnsCleared | SessionEnded | Withdrawn):
        yield _session(record, "chat" if isinstance(record, TurnSaid) else "call", record.at, "en")


def _session(record: Record, kind: str, at: float, language: str) -> Row:
    return {
        "session_id": words(record.session_id),
        "kind": words(kind),
        "language": words(language),
        "began_at": number(at),
        "ended_at": None,
        "end_reason": None,
    }


def _base(record: ConsentSaid | TurnSaid | LabelSeen | ClipKept | RecordingKept) -> Row:
    return {"session_id": words(record.session_id), "at": number(record.at)}


def _moment(record: SessionEnded | RecordingEnded) -> Row:
    return {"of_session": words(record.session_id), "moment": number(record.at)}


def _turn(record: TurnSaid) -> Row:
    return _base(record) | {
        "message_id": words(record.message_id),
        "role": words(record.role),
        "text": words(record.text),
        "mood": optional_text(record.mood),
        "html": optional_text(record.html),
        "model": optional_text(record.model),
        "finish": optional_text(record.finish),
        "error": optional_text(record.error),
        "first_ms": number(record.first_ms),
        "total_ms": number(record.total_ms),
        "prompt_tokens": whole(record.prompt_tokens),
        "completion_tokens": whole(record.completion_tokens),
    }


def _label(record: LabelSeen) -> Row:
    return _base(record) | {
        "window_start": number(record.window_start),
        "window_end": number(record.window_end),
        "emotion": words(record.emotion),
        "reason": optional_text(record.reason),
        "probabilities": figures(record.probabilities),
        "confidence": number(record.confidence),
        "valence": number(record.valence),
        "arousal": number(record.arousal),
        "description": words(record.description),
        "engine": words(record.engine),
        "fallback_reason": optional_text(record.fallback_reason),
        "provisional": record.provisional,
        "video_name": optional_text(record.video_name),
        "latency": figures(record.latency),
    }
