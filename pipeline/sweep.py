"""The sweep: lets clips and recordings go that retention does not cover."""

from __future__ import annotations

import asyncio
import logging
import time

from pipeline.audit import Audit
from pipeline.library import Library
from pipeline.recordings import Recordings

log = logging.getLogger(__name__)

INTERVAL = 5.0
"""Seconds between two sweeps: what is over a limit goes so soon, and a long list is not read each second."""

AUDITED_EVERY = 60.0
"""Seconds between two words of it to the audit log at least, as a clip may leave each second."""


async def sweep(library: Library, recordings: Recordings, audit: Audit) -> None:
    """Sweep until cancelled."""
    said, told = "", -AUDITED_EVERY
    clips = calls = 0
    while True:
        try:
            clips += await asyncio.to_thread(library.sweep, time.time())
            calls += await asyncio.to_thread(recordings.sweep, time.time())
            said = ""
            if (clips or calls) and time.monotonic() - told >= AUDITED_EVERY:
                audit.put("retention", clip_files=clips, recording_files=calls)
                clips, calls, told = 0, 0, time.monotonic()
        except OSError as error:
            if str(error) != said:
                said = str(error)
                log.warning("old clips and recordings cannot be deleted: %s", said)
        await asyncio.sleep(INTERVAL)
