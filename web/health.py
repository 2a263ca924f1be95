"""Whether the server is up, whether it can serve a call, and its figures for Prometheus."""

from __future__ import annotations

from aiohttp import web

from pipeline.analysis import Analysis
from pipeline.history.history import HistoryStatus
from web.answers import Health, Readiness, answered
from web.authority import require_operator
from web.keys import ANALYSIS, DISK, HISTORY, METRICS, PAGE, RECEIVE, REGISTRY
from webrtc.tap import Chosen


async def healthz(request: web.Request) -> web.Response:
    """`GET /healthz`: the server is up."""
    return answered(Health(status="ok", version=request.app[PAGE].version))


async def readyz(request: web.Request) -> web.Response:
    """`GET /readyz`: whether a call can be served now, and what is missing."""
    registry = request.app[REGISTRY]
    found = (_engines(request.app[ANALYSIS]), await request.app[DISK].trouble())
    missing = [each for each in found if each]
    lesser = (_history(request.app[HISTORY].status), _receive(request.app[RECEIVE]))
    degraded = [each for each in lesser if each]
    readiness = Readiness(
        ready=not missing,
        full=len(registry) >= registry.max_sessions,
        reasons=[reason for _, reason in missing],
        codes=[code for code, _ in missing],
        degraded=[reason for _, reason in degraded],
        degraded_codes=[code for code, _ in degraded],
    )
    return answered(readiness, status=503 if missing else 200)


async def metrics(request: web.Request) -> web.Response:
    """`GET /metrics`: figures in Prometheus's text format, for the operator."""
    require_operator(request)
    text = request.app[METRICS].text(await request.app[DISK].room())
    return web.Response(body=text, headers={"Content-Type": request.app[METRICS].content_type})


def _engines(analysis: Analysis) -> tuple[str, str] | None:
    if analysis.ready or any(status.state == "loading" for status in analysis.engines):
        return None
    return "no_engine", "No engine is ready, and none is loading."


def _history(status: HistoryStatus) -> tuple[str, str] | None:
    if status.available:
        return None
    why = status.reason or status.code or "unavailable"
    return status.code or "history_unreachable", f"Nothing is kept in the history: {why}."


def _receive(chosen: Chosen) -> tuple[str, str] | None:
    if chosen.reason is None:
        return None
    return "receive_path", f"Media is received by aiortc's own way, which costs more: {chosen.reason}."
