"""What is kept, read back as views."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate, takewhile
from typing import Any

from sqlalchemy import Row, Select, Table, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from pipeline.history import schema
from pipeline.history.cursor import cursor, place
from pipeline.history.records import TurnSaid
from pipeline.history.views import (
    Clip,
    ClipKnown,
    Consent,
    Label,
    Recording,
    RecordingFile,
    Session,
    Sessions,
    Timeline,
    Turn,
)

UNKNOWN = "unknown"

MOST_TURNS, MOST_CHARACTERS = 400, 2_000_000
"""Turns of a chat that are read back, as many as a conversation remembers, and their characters: the server unpacks
them in one piece while media waits."""

NAMES_AT_ONCE = 500
"""Clips that are asked for in one query: databases limit its parameters."""

Rows = Sequence[Row[Any]]


async def read_turns(connection: AsyncConnection, session_id: str) -> tuple[TurnSaid, ...]:
    """The newest of a session's chat, oldest first: in the order in which they were kept, which is the right one also
    where the clock was set back."""
    row = schema.turns.c
    query = select(schema.turns).where(row.session_id == session_id).order_by(row.id.desc()).limit(MOST_TURNS)
    rows = (await connection.execute(query)).all()
    lengths = accumulate(len(row.text) + len(row.html or "") for row in rows)
    fitting = sum(1 for _ in takewhile(lambda length: length <= MOST_CHARACTERS, lengths))
    return tuple(TurnSaid(**_fields(row)) for row in reversed(rows[:fitting]))


async def read_sessions(connection: AsyncConnection, limit: int, before: str | None) -> Sessions:
    """The newest sessions, or those that began before. Raises `ValueError` for a `before` that is no cursor."""
    row = schema.sessions.c
    query = select(schema.sessions).order_by(row.began_at.desc(), row.session_id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(tuple_(row.began_at, row.session_id) < tuple_(*place(before)))
    rows = (await connection.execute(query)).all()
    page = rows[:limit]
    return Sessions(
        sessions=await _with_counts(connection, page),
        next=cursor(page[-1].began_at, page[-1].session_id) if len(rows) > limit else None,
    )


async def read_session(connection: AsyncConnection, session_id: str) -> Session | None:
    """None for a session that is not known."""
    query = select(schema.sessions).where(schema.sessions.c.session_id == session_id)
    found = await _with_counts(connection, (await connection.execute(query)).all())
    return found[0] if found else None


async def read_labels(connection: AsyncConnection, session_id: str) -> list[Label]:
    """In the order of their windows; the provisional one of a window first."""
    rows = await _rows(connection, schema.labels, session_id, "window_end", "id")
    return [
        Label.model_construct(
            **_fields(row)
            | {"probabilities": json.loads(row.probabilities), "latency": json.loads(row.latency)},
        )
        for row in rows
    ]


async def read_clips(
    connection: AsyncConnection, sessions: Sequence[str], names: Sequence[str]
) -> dict[str, ClipKnown]:
    """What is known of the clips of these names, all of them of these sessions."""
    emotions: dict[str, str] = {}
    lengths: dict[str, float] = {}
    label, clip = schema.labels.c, schema.clips.c
    for start in range(0, len(names), NAMES_AT_ONCE):
        part = names[start : start + NAMES_AT_ONCE]
        seen = (
            select(label.video_name, label.emotion)
            .where(label.session_id.in_(sessions), label.video_name.in_(part))
            .order_by(label.provisional.desc(), label.id)  # the last word on a clip comes last
        )
        emotions |= dict(map(tuple, await connection.execute(seen)))
        kept = select(clip.name, clip.end - clip.start).where(clip.name.in_(part))
        lengths |= dict(map(tuple, await connection.execute(kept)))
    return {
        name: ClipKnown(emotion=emotions.get(name), duration=lengths.get(name))
        for name in emotions.keys() | lengths.keys()
    }


async def read_timeline(connection: AsyncConnection, session_id: str) -> Timeline | None:
    """All of a session; None for one that is not known."""
    session = await read_session(connection, session_id)
    if session is None:
        return None

    async def each(table: Table, *order: str) -> Iterable[dict[str, Any]]:
        return map(_fields, await _rows(connection, table, session_id, *order))

    return Timeline.model_construct(
        session=session,
        labels=await read_labels(connection, session_id),
        turns=[Turn(**fields) for fields in await each(schema.turns, "at", "id")],
        clips=[Clip(**fields) for fields in await each(schema.clips, "at", "name")],
        recordings=[Recording(**fields) for fields in await each(schema.recordings, "began_at")],
        recording_files=[
            RecordingFile(**fields) for fields in await each(schema.recording_files, "at", "name")
        ],
        consents=[Consent(**fields) for fields in await each(schema.consents, "at")],
    )


async def _rows(connection: AsyncConnection, table: Table, session_id: str, *order: str) -> Rows:
    query = select(table).where(table.c.session_id == session_id).order_by(*(table.c[name] for name in order))
    return (await connection.execute(query)).all()


def _fields(row: Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name != "id"}


async def _with_counts(connection: AsyncConnection, rows: Rows) -> list[Session]:
    ids = [row.session_id for row in rows]
    turns = await _count(connection, schema.turns, ids)
    clips = await _count(connection, schema.clips, ids)
    seen = await _seen(connection, ids)
    return [_session(row, seen[row.session_id], turns[row.session_id], clips[row.session_id]) for row in rows]


def _session(row: Row[Any], seen: dict[bool, Counter[str]], turns: int, clips: int) -> Session:
    emotions = seen[False] or seen[True]
    known = Counter({emotion: count for emotion, count in emotions.items() if emotion != UNKNOWN})
    dominant = max(sorted(known), key=lambda emotion: known[emotion], default=None)
    return Session(
        **_fields(row),
        duration=None if row.ended_at is None else max(0.0, row.ended_at - row.began_at),
        labels=seen[False].total() + seen[True].total(),
        turns=turns,
        clips=clips,
        emotions=dict(sorted(emotions.items())),
        dominant=dominant,
        dominant_share=None if dominant is None else known[dominant] / known.total(),
    )


async def _count(connection: AsyncConnection, table: Table, ids: list[str]) -> Counter[str]:
    row = table.c
    query = select(row.session_id, func.count()).where(row.session_id.in_(ids)).group_by(row.session_id)
    return Counter(dict(map(tuple, await connection.execute(query))))


async def _seen(connection: AsyncConnection, ids: list[str]) -> defaultdict[str, dict[bool, Counter[str]]]:
    """For each session, how often each expression was seen: the final ones (False) and the provisional (True)."""
    row = schema.labels.c
    key = (row.session_id, row.provisional, row.emotion)
    query: Select[Any] = select(*key, func.count()).where(row.session_id.in_(ids)).group_by(*key)
    found: defaultdict[str, dict[bool, Counter[str]]] = defaultdict(
        lambda: {False: Counter(), True: Counter()}
    )
    for session_id, provisional, emotion, count in await connection.execute(query):
        found[session_id][provisional][emotion] = count
    return found
