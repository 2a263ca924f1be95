"""Loading an engine, and what there is to say when that, or a job, fails."""

from __future__ import annotations

import logging

from models.base import (
    ClipUnreadable,
    Engine,
    EngineCode,
    EngineFailed,
    EngineStatus,
    EngineUnavailable,
    Fault,
    Progress,
)
from models.thumbnail import NoVideo

logger = logging.getLogger("mien.worker")

FAILURES = (ClipUnreadable, EngineFailed, EngineUnavailable, MemoryError, RuntimeError)
"""What asking an engine about a file may raise without anything else being wrong; torch's errors are RuntimeErrors."""


def loaded(engine: Engine, progress: Progress) -> EngineStatus:
    """Load an engine and say how that went. Whatever goes wrong is its reason."""
    try:
        engine.load(progress)
    except EngineUnavailable as error:
        fault = Fault(error.code, str(error))
    except Exception as error:
        if is_out_of_memory(error):
            fault = Fault("out_of_memory", "not enough memory to load it")
        else:
            logger.exception("the engine %s does not load", engine.name)
            fault = Fault("load_failed", f"it does not load: {error}")
    else:
        return EngineStatus(name=engine.name, state="ready")
    return EngineStatus(name=engine.name, state="unavailable", code=fault.code, reason=fault.reason)


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


def cause(error: Exception) -> EngineCode:
    """What that says of the engine."""
    if is_out_of_memory(error):
        return "out_of_memory"
    return error.code if isinstance(error, EngineFailed | EngineUnavailable) else "failed"


def is_out_of_memory(error: BaseException) -> bool:
    """Python's own error, or torch's: by name and words, for torch may not be installed."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and ("out of memory" in text or "can't allocate memory" in text)
