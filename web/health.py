"""Whether the server is up, whether it can serve a call, and its figures for Prometheus."""

from __future__ import annotations

import asyncio
import shutil

from aiohttp import web

from pipeline.analysis import Analysis
from pipeline.history.history import HistoryStatus
from pipeline.library import Library
from web.answers import Health, Readiness, answered
from web.keys import ANALYSIS, HISTORY, LIBRARY, METRICS, PAGE, REGISTRY

DISK_WAIT = 2.0
"""Seconds in which a disk must have taken a byte."""


async def healthz(request: web.Request) -> web.Response:
    """`GET /healthz`: the server is up."""
    return answered(Health(status="ok", version=request.app[PAGE].version))


async def readyz(request: web.Request) -> web.Response:
    """`GET /readyz`: whether a call can be served now, and what is missing."""
    registry = request.app[REGISTRY]
    reasons = [
        reason for reason in (_engines(request.app[ANALYSIS]), await _disk(request.app[LIBRARY])) if reason
    ]
    kept = _history(request.app[HISTORY].status)
    readiness = Readiness(
        ready=not reasons,
        full=len(registry) >= registry.max_sessions,
        reasons=reasons,
        degraded=[kept] if kept else [],
    )
    return answered(readiness, status=503 if reasons else 200)


async def metrics(request: web.Request) -> web.Response:
    """`GET /metrics`: figures in Prometheus's text format."""
    try:
        disk = await asyncio.to_thread(shutil.disk_usage, request.app[LIBRARY].videos)
        free: int | None = disk.free
    except OSError:
        free = None
    text = request.app[METRICS].text(free)
    return web.Response(body=text, headers={"Content-Type": request.app[METRICS].content_type})


def _engines(analysis: Analysis) -> str | None:
    if analysis.ready or any(status.state == "loading" for status in analysis.engines):
        return None
    return "No engine is ready, and none is loading."


async def _disk(library: Library) -> str | None:
    try:
        async with asyncio.timeout(DISK_WAIT):
            await asyncio.to_thread(library.check_writable)
    except TimeoutError:
        return f"The data folder took no byte within {DISK_WAIT:.0f} s."
    except OSError as error:
        return f"The data folder cannot be written ({error.strerror or type(error).__name__})."
    return None


def _history(status: HistoryStatus) -> str | None:
    if status.available:
        return None
    return f"Nothing is kept in the history: {status.reason or status.code or 'unavailable'}."
