"""What the server and the history's process say to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pipeline.history.records import Record
from pipeline.history.retention import Aged, Ages

# --- to the process ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure:
    """Said once and first. `url` is SQLAlchemy's; it may hold a password. Without `ages` everything is kept."""

    url: str = field(repr=False)
    ages: Ages | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Open the database where it is not open, and see whether it can be used. `interrupted` says that no session can
    be under way, so that calls without an end have ended; `thorough` that something is to be written to be sure."""

    ask_id: int
    interrupted: bool
    thorough: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Write records in order. The answer comes when they are on disk: the places in `batch` of those that the
    database does not take, a tuple of ints."""

    ask_id: int
    batch: tuple[Record, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Delete all of a session. The answer is whether there was anything."""

    ask_id: int
    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskTurns:
    """The answer is a tuple of `TurnSaid`."""

    ask_id: int
    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSessions:
    """The answer is JSON of `views.Sessions`."""

    ask_id: int
    limit: int
    before: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSession:
    """The answer is JSON of `views.Session`, or None."""

    ask_id: int
    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskTimeline:
    """The answer is JSON of `views.Timeline`, or CSV, as `Long`; or None."""

    ask_id: int
    session_id: str
    form: Literal["json", "csv"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskClips:
    """`sessions` are those that the clips are of. The answer is a dict of `views.ClipKnown` by name; names that are
    not known are not in it."""

    ask_id: int
    sessions: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """The answer is whether `into` was written."""

    ask_id: int
    session_id: str
    media: tuple[Path, ...]
    into: Path


Question = AskTurns | AskSessions | AskSession | AskTimeline | AskClips
"""What is read; a few at a time, beside the writing."""

Job = Open | Write | Delete | Question | Export

# --- from the process ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """It was configured, and hears jobs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """What left for its age, unasked."""

    aged: Aged


@dataclass(frozen=True, slots=True)
class Long:
    """Bytes of an answer that are too many for one message: a server that unpacks them all at once serves no media
    meanwhile."""

    pieces: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One of the pieces of an answer, which are said in order, before it."""

    ask_id: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A job is done."""

    ask_id: int
    value: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A job could not be done; nothing of it was. `code` is stable, `reason` one line for people."""

    ask_id: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The database is not one that this version may touch."""

    ask_id: int
    reason: str


Reply = Answered | Failed | Refused
