"""Loading an engine, and what there is to say when that, or a job, fails."""

from __future__ import annotations

import logging
import sys

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

NO_MEMORY = ("out of memory", "can't allocate memory", "status_alloc_failed")
"""What says so in an error of torch's; the last is cuBLAS's and cuDNN's."""

FULL = 64 * 1024 * 1024
"""Bytes; a GPU with fewer left is full. Not all that then fails says so: cuDNN "expected" a graph "to be true"."""


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
            fault = Fault("load_failed", f"it does not load: {_line(error)}")
    else:
        return EngineStatus(name=engine.name, state="ready")
    return EngineStatus(name=engine.name, state="unavailable", code=fault.code, reason=fault.reason)


def said(error: Exception) -> tuple[str, str]:
    """The stable code and the message of what a job raised."""
    if is_out_of_memory(error):
        return "out_of_memory", "there was not enough memory"
    if is_gpu_failure(error):
        return "gpu_failed", _line(error)
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
    if is_gpu_failure(error):
        return "gpu_failed"
    return error.code if isinstance(error, EngineFailed | EngineUnavailable) else "failed"


def _line(error: BaseException) -> str:
    """The first line of what it says: CUDA's errors go on with advice on how to find their cause."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def is_out_of_memory(error: BaseException) -> bool:
    """Python's own error, or torch's: by name and words, for torch may not be installed."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and (any(words in text for words in NO_MEMORY) or _gpu_is_full())


def _gpu_is_full() -> bool:
    """Of the GPUs that this process holds memory of; to ask about another one would take some of it."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return False
    held = (gpu for gpu in range(torch.cuda.device_count()) if torch.cuda.memory_reserved(gpu))
    try:
        return any(torch.cuda.mem_get_info(gpu)[0] < FULL for gpu in held)
    except RuntimeError:  # it does not answer any more
        return False


def is_gpu_failure(error: BaseException) -> bool:
    """What CUDA reports once it cannot go on. Most such errors stay until the process ends: whatever it asks of the
    GPU after one is refused with the same words (CUDA Runtime API, "Data types used by CUDA Runtime", cudaError)."""
    return isinstance(error, RuntimeError) and str(error).startswith("CUDA error")
