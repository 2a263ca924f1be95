"""Loading an engine, and what there is to say when that, or a job, fails."""

from __future__ import annotations

import logging

from models.base import ClipUnreadable, Engine, EngineFailed, EngineStatus, EngineUnavailable, Progress
from models.thumbnail import NoVideo

logger = logging.getLogger("mien.worker")

FAILURES = (ClipUnreadable, EngineFailed, EngineUnavailable, MemoryError, RuntimeError)
"""What asking an engine about a file may raise without anything else being wrong; torch's errors are RuntimeErrors."""


def loaded(engine: Engine, progress: Progress) -> EngineStatus:
    """Load an engine and say how that went. Whatever goes wrong is its reason."""
    try:
        engine.load(progress)
    except EngineUnavailable as error:
        reason = str(error)
    except Exception as error:
        if not is_out_of_memory(error):
            logger.exception("the engine %s does not load", engine.name)
        reason = "not enough memory to load it" if is_out_of_memory(error) else f"it does not load: {error}"
    else:
        return EngineStatus(name=engine.name, state="ready")
    return EngineStatus(name=engine.name, state="unavailable", reason=reason)


def said(error: Exception) -> tuple[str, str]:
    """The stable code and the message of what a job raised."""
    if is_out_of_memory(error):
        return "out_of_memory", "there was not enough memory"
    match error:
        case ClipUnreadable():
            return "clip_unreadable", str(error)
        case NoVideo():
            return "no_video", str(error)
        case EngineFailed():
            return "engine_failed", str(error)
        case EngineUnavailable():
            return "engine_unavailable", str(error)
        case _:
            return "analysis_failed", f"{type(error).__name__}: {error}"


def is_out_of_memory(error: BaseException) -> bool:
    """Python's own error, or torch's: by name and words, for torch may not be installed."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and ("out of memory" in text or "can't allocate memory" in text)
