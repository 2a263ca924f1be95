"""What the media process and an analysis process say to each other: pickled, each behind a 4-byte length."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.base import EmotionResult, EngineCode, EngineStatus, Question
from models.catalog import EngineConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure:
    """Said once and first: the engine to load, or None for a process that only makes thumbnails."""

    config: EngineConfig | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyze:
    """Look at one clip. `data` is the container's bytes; `start` and `end` are session seconds."""

    job_id: int
    question: Question
    data: bytes
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NextWindow:
    """Look at the next window of a file, or at its first one. The question's session is the file's own."""

    job_id: int
    question: Question
    path: Path
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """Make a JPEG, 320 pixels wide, of the first frame of a clip on disk."""

    job_id: int
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """A session has ended, or a file is not read further: drop what was kept of it. Has no reply."""

    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """Said while the engine loads: the share in [0, 1] that is done."""

    progress: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Said once: whether the engine can answer. `parallel` and `deadline` are as in `models.base.Engine`.

    The process ends after an engine that is not ready.
    """

    status: EngineStatus
    parallel: int = 1
    deadline: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyzed:
    """The answer to an `Analyze`, or to a `NextWindow`; the latter's is None at the end of the file."""

    job_id: int
    result: EmotionResult | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictured:
    """The answer to a `Thumbnail`."""

    job_id: int
    jpeg: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A job could not be done. `code` is stable: `clip_unreadable`, `no_video`, `engine_failed`, `engine_unavailable`,
    `out_of_memory`, `gpu_failed` or `analysis_failed`; `cause` is what that says of the engine."""

    job_id: int
    code: str
    message: str
    cause: EngineCode = "failed"


Job = Analyze | NextWindow | Thumbnail
Reply = Loading | Loaded | Analyzed | Pictured | Failed
