"""The engines over HTTP: how they are, loading and unloading, and answers for files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from models.base import EmotionResult, EngineStatus, Language
from models.catalog import EngineName
from models.summary import summarize
from pipeline.analysis import Analysis
from pipeline.engine import EngineProcess
from pipeline.jobs import AnalysisError
from web.errors import ApiError, bad_body
from web.keys import ANALYSIS, LIBRARY, UPLOADS

DISCONNECT_CHECK = 0.5
"""Seconds after which work for somebody who has gone is noticed and given up."""

QWEN: EngineName = "qwen"
_STATUS = {"clip_unreadable": 422, "engine_unavailable": 503, "busy": 503}

Answer = TypeVar("Answer")


class AnalyzeRequest(BaseModel):
    """What is asked about a file: of which engine (None: the first that can), what, and in which language."""

    video_name: str | None = None
    engine: EngineName | None = None
    prompt: str | None = Field(None, max_length=4000)
    language: Language = "en"


def engine_json(engine: EngineProcess, status: EngineStatus | None = None) -> dict[str, object]:
    """An engine's status, or the one given, with what its process does."""
    return asdict(status or engine.status) | {
        "pid": engine.pid,
        "waiting": engine.waiting,
        "answered": engine.answered,
        "restarts": engine.restarts,
    }


def engines_json(analysis: Analysis) -> list[dict[str, object]]:
    """The engines in the order in which they are asked."""
    statuses = zip(analysis.chain, analysis.engines, strict=True)
    return [engine_json(engine, status) for engine, status in statuses]


async def engines(request: web.Request) -> web.Response:
    """`GET /api/engines`: the engines in the order in which they are asked."""
    analysis = request.app[ANALYSIS]
    return web.json_response({"ready": analysis.ready, "engines": engines_json(analysis)})


async def load(request: web.Request) -> web.Response:
    """`POST /api/engines/<name>/load`: begins to load an engine; `GET /api/engines` tells how far it is."""
    engine = _engine(request)
    if not engine.status.set_up:
        raise ApiError(409, "not_set_up", f"{engine.status.reason}.")
    engine.load()
    return web.json_response(engine_json(engine), status=200 if engine.ready else 202)


async def unload(request: web.Request) -> web.Response:
    """`POST /api/engines/<name>/unload`: ends an engine's process, which gives its memory back."""
    engine = _engine(request)
    engine.unload()
    return web.json_response(engine_json(engine))


async def analyze(request: web.Request) -> web.Response:
    """`POST /api/analyze`: answers for a file of videos/ (JSON) or for an upload (multipart, the part `file`)."""
    return await _analyze(request, None)


async def qwen_status(request: web.Request) -> web.Response:
    """`GET /api/qwen/status`: whether the local Qwen-Omni model can answer."""
    engine = request.app[ANALYSIS].engine(QWEN)
    if engine is None:
        reason = "qwen is not in EMOTION_ENGINES"
        return web.json_response(
            {"available": False, "state": "unavailable", "reason": reason, "progress": None}
        )
    status = engine.status
    return web.json_response(
        {
            "available": engine.ready,
            "state": status.state,
            "reason": status.reason,
            "progress": status.progress,
        }
    )


async def qwen_analyze(request: web.Request) -> web.Response:
    """`POST /api/qwen/analyze`: as `POST /api/analyze`, by the local Qwen-Omni model alone."""
    return await _analyze(request, QWEN)


async def _analyze(request: web.Request, engine: EngineName | None) -> web.Response:
    if request.content_type == "multipart/form-data":
        async with request.app[UPLOADS].receive(request) as upload:
            asked = _read(json.dumps({key: value for key, value in upload.fields.items() if value}))
            assert upload.path is not None
            return await _answered(request, upload.path, upload.name, asked, engine)
    if "Content-Type" in request.headers and request.content_type != "application/json":
        raise ApiError(415, "unsupported_media_type", "Send JSON, or a form with a part called `file`.")
    asked = _read(await request.read())
    if asked.video_name is None:
        raise ApiError(400, "bad_request", "Name a file of videos/ with video_name, or send one as `file`.")
    found = await asyncio.to_thread(request.app[LIBRARY].file, asked.video_name)
    if found is None:
        raise ApiError(404, "no_such_clip", "There is no such file in videos/, or it is no longer kept.")
    return await _answered(request, found, asked.video_name, asked, engine)


def _read(body: str | bytes) -> AnalyzeRequest:
    try:
        return AnalyzeRequest.model_validate_json(body)
    except ValidationError as error:
        raise bad_body(error) from None


async def _answered(
    request: web.Request, path: Path, name: str, asked: AnalyzeRequest, engine: EngineName | None
) -> web.Response:
    work = request.app[ANALYSIS].analyze_file(
        path, engine=engine or asked.engine, prompt=asked.prompt, language=asked.language
    )
    try:
        results = await _while_connected(request, work)
    except AnalysisError as error:
        message = f"{str(error)[:1].upper()}{str(error)[1:]}."
        headers = {"Retry-After": "5"} if error.code == "busy" else None
        raise ApiError(_STATUS.get(error.code, 500), error.code, message, headers) from None
    # In a thread: hours of sound have thousands of windows.
    text = await asyncio.to_thread(lambda: json.dumps(file_json(name, results)))
    return web.json_response(text=text)


def file_json(name: str, results: list[EmotionResult]) -> dict[str, object]:
    """The answer for a file: what its windows come to, who gave it, and the windows."""
    return {
        "file": name,
        **asdict(summarize(results)),
        "engine": results[0].engine,
        "fallback_reason": results[0].fallback_reason,
        "description": results[-1].description,
        "windows": [asdict(result) for result in results],
    }


async def _while_connected(request: web.Request, work: Coroutine[Any, Any, Answer]) -> Answer:
    """Do the work, unless whoever asked for it goes."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait([task], timeout=DISCONNECT_CHECK)
            if request.transport is None or request.transport.is_closing():
                raise ConnectionResetError("whoever asked has gone")
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _engine(request: web.Request) -> EngineProcess:
    engine = request.app[ANALYSIS].engine(request.match_info["name"])
    if engine is None:
        raise ApiError(404, "no_such_engine", "There is no such engine in EMOTION_ENGINES.")
    return engine
