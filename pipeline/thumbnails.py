"""The thumbnails: the picture of a clip is made when somebody first asks for it, and kept as long as its clip."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pipeline.analysis import Analysis
from pipeline.jobs import AnalysisError
from pipeline.library import Library

NEVER = {"clip_unreadable", "no_video"}
"""Errors of a clip of which no picture can be made at any time."""


async def thumbnail_of(name: str, library: Library, analysis: Analysis) -> Path | None:
    """Where the picture of the clip `name` lies, or None where there is no such clip or nothing to be seen in it.

    Raises `AnalysisError` where it cannot be made at the moment, and `OSError` where the disk refuses it.
    """
    kept = await asyncio.to_thread(library.thumbnail_of, name)
    if kept is not None:
        return kept
    clip = await asyncio.to_thread(library.path_of, name)
    if clip is None:
        return None
    try:
        jpeg = await analysis.thumbnail(clip)
    except AnalysisError as error:
        if error.code in NEVER:
            return None
        raise
    return await asyncio.to_thread(library.save_thumbnail, name, jpeg)
