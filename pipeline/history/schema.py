"""The tables of the history, and how those of an older version become those of this one.

Columns called `at` or `…_at` are epoch seconds; `window_start`, `window_end`, `start` and `end` seconds on the
session's clock; `…_ms` milliseconds; `size` bytes.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

SCHEMA_VERSION = 4
"""Goes up with every change of a table; the way there is in `MIGRATIONS`."""


def _know_versions_and_ages(connection: Connection) -> None:
    """1 → 2: which words a consent was given to, and the way to what is oldest."""
    connection.execute(text("ALTER TABLE consents ADD COLUMN version TEXT"))
    for table in ("labels", "turns", "clips"):
        connection.execute(text(f"CREATE INDEX {table}_oldest ON {table} (at)"))


def _know_recordings(connection: Connection) -> None:
    """2 → 3: the files of whole calls."""
    recording_files.create(connection, checkfirst=True)


def _know_operators(connection: Connection) -> None:
    """3 → 4: who gave a consent."""
    connection.execute(text("ALTER TABLE consents ADD COLUMN given_by TEXT NOT NULL DEFAULT 'caller'"))


MIGRATIONS: dict[int, Callable[[Connection], None]] = {
    1: _know_versions_and_ages,
    2: _know_recordings,
    3: _know_operators,
}
"""What makes a database of the version that is the key one of the next; in one transaction with all others."""

metadata = MetaData()

BIG = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", BIG, primary_key=True)


def _session() -> Column[str]:
    return Column("session_id", Text, ForeignKey("sessions.session_id"), nullable=False)


meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("began_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("end_reason", Text),
    Index("sessions_newest", "began_at", "session_id"),
)

consents = Table(
    "consents",
    metadata,
    _id(),
    _session(),
    Column("at", Double, nullable=False),
    Column("analysis", Boolean, nullable=False),
    Column("recording", Boolean, nullable=False),
    Column("version", Text),
    Column("given_by", Text, nullable=False, server_default="caller"),
    UniqueConstraint("session_id", "at"),
)

recordings = Table(
    "recordings",
    metadata,
    _id(),
    _session(),
    Column("began_at", Double, nullable=False),
    Column("ended_at", Double),
    UniqueConstraint("session_id", "began_at"),
)

turns = Table(
    "turns",
    metadata,
    _id(),
    _session(),
    Column("message_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("text", Text, nullable=False),
    Column("mood", Text),
    Column("html", Text),
    Column("model", Text),
    Column("finish", Text),
    Column("error", Text),
    Column("first_ms", Double),
    Column("total_ms", Double),
    Column("prompt_tokens", BigInteger),
    Column("completion_tokens", BigInteger),
    UniqueConstraint("session_id", "message_id", "role"),
    Index("turns_oldest", "at"),
)

labels = Table(
    "labels",
    metadata,
    _id(),
    _session(),
    Column("at", Double, nullable=False),
    Column("window_start", Double, nullable=False),
    Column("window_end", Double, nullable=False),
    Column("emotion", Text, nullable=False),
    Column("reason", Text),
    Column("probabilities", Text, nullable=False),
    Column("confidence", Double),
    Column("valence", Double),
    Column("arousal", Double),
    Column("description", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("fallback_reason", Text),
    Column("provisional", Boolean, nullable=False),
    Column("video_name", Text),
    Column("latency", Text, nullable=False),
    UniqueConstraint("session_id", "window_end", "engine", "provisional"),
    Index("labels_counted", "session_id", "provisional", "emotion"),
    Index("labels_oldest", "at"),
)

clips = Table(
    "clips",
    metadata,
    Column("name", Text, primary_key=True),
    _session(),
    Column("at", Double, nullable=False),
    Column("start", Double, nullable=False),
    Column("end", Double, nullable=False),
    Column("size", BigInteger, nullable=False),
    Index("clips_of_session", "session_id"),
    Index("clips_oldest", "at"),
)

recording_files = Table(
    "recording_files",
    metadata,
    Column("name", Text, primary_key=True),
    _session(),
    Column("at", Double, nullable=False),
    Column("start", Double, nullable=False),
    Column("end", Double, nullable=False),
    Column("size", BigInteger, nullable=False),
    Index("recording_files_of_session", "session_id"),
    Index("recording_files_oldest", "at"),
)

OF_A_SESSION = (consents, recordings, turns, labels, clips, recording_files)
"""Every table of which the rows belong to a session."""
