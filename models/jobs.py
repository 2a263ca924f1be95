"""What the media process and an analysis process say to each other: pickled, each behind a 4-byte length."""

from __future__ import annotations

from dataclasses import dataclass

from models.base import EmotionResult, EngineStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyze:
    """Look at one clip. `data` is the container's bytes; `start` and `end` are session seconds."""

    job_id: int
    session_id: str
    data: bytes
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """Make a JPEG, 320 pixels wide, of the first frame of a clip."""

    job_id: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """A session has ended: drop what was kept of it. Has no reply."""

    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Said once, when the engines have loaded or failed to."""

    engines: tuple[EngineStatus, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyzed:
    """The answer to an `Analyze`."""

    job_id: int
    result: EmotionResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictured:
    """The answer to a `Thumbnail`."""

    job_id: int
    jpeg: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A job could not be done. `code` is stable (`clip_unreadable`, `no_video`, `analysis_failed`)."""

    job_id: int
    code: str
    message: str


Job = Analyze | Thumbnail | Forget
Reply = Ready | Analyzed | Pictured | Failed
