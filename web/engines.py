"""The engines over HTTP: how they are, loading and unloading, and answers for files."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from models.base import EmotionResult, EngineStatus, Language
from models.catalog import EngineName
from models.summary import summarize
from pipeline.analysis import Analysis
from pipeline.engine import EngineProcess
from pipeline.jobs import AnalysisError
from web.answers import Engines, EngineView, FileAnswer, LabelTimes, QwenState, answered, answered_with
from web.audit import note
from web.authority import require_operator
from web.errors import ApiError, bad_body
from web.files import may_see
from web.keys import ANALYSIS, LIBRARY, METRICS, UPLOADS
from web.metrics import Metrics
from web.presence import while_connected
from web.reading import read_bytes, read_path
from web.recent import Recent

QWEN: EngineName = "qwen"

Question = TypeVar("Question", bound="Asked")


class Asked(BaseModel):
    """What is asked about a file: of which engine (None: the first that can), what, and in which language."""

    engine: EngineName | None = None
    prompt: str | None = Field(None, max_length=4000)
    language: Language = "en"


class AnalyzeBody(Asked):
    """`video_name` is a file of videos/."""

    video_name: str


class AnalyzeForm(Asked):
    """A file that is sent, with the rest as fields beside it."""

    file: bytes


class EnginePart(BaseModel):
    name: Annotated[str, Field(description="One of EMOTION_ENGINES.", examples=["embedded"])]


def engine_view(engine: EngineProcess, recent: Recent, status: EngineStatus | None = None) -> EngineView:
    """An engine's status, or the one given, with what its process does and how long its latest labels took."""
    return EngineView(
        **asdict(status or engine.status),
        pid=engine.pid,
        waiting=engine.waiting,
        answered=engine.answered,
        restarts=engine.restarts,
        label_ms=_times(recent),
    )


def _times(recent: Recent) -> LabelTimes | None:
    half, most = recent.within(0.5), recent.within(0.95)
    if half is None or most is None:
        return None
    return LabelTimes(count=len(recent), p50=round(half, 1), p95=round(most, 1))


def engine_views(analysis: Analysis, metrics: Metrics) -> list[EngineView]:
    """The engines in the order in which they are asked."""
    statuses = zip(analysis.chain, analysis.engines, strict=True)
    return [engine_view(engine, metrics.recent(engine.name), status) for engine, status in statuses]


async def engines(request: web.Request) -> web.Response:
    """`GET /api/engines`: the engines in the order in which they are asked."""
    analysis = request.app[ANALYSIS]
    return answered(Engines(ready=analysis.ready, engines=engine_views(analysis, request.app[METRICS])))


async def load(request: web.Request) -> web.Response:
    """`POST /api/engines/<name>/load`: begins to load an engine; `GET /api/engines` tells how far it is."""
    require_operator(request)
    engine = _engine(request)
    if not engine.status.set_up:
        raise ApiError(409, "not_set_up", f"{engine.status.reason}.")
    engine.load()
    note(request, "engine_loaded", what=engine.name)
    recent = request.app[METRICS].recent(engine.name)
    return answered(engine_view(engine, recent), status=200 if engine.ready else 202)


async def unload(request: web.Request) -> web.Response:
    """`POST /api/engines/<name>/unload`: ends an engine's process, which gives its memory back."""
    require_operator(request)
    engine = _engine(request)
    engine.unload()
    note(request, "engine_unloaded", what=engine.name)
    return answered(engine_view(engine, request.app[METRICS].recent(engine.name)))


async def analyze(request: web.Request) -> web.Response:
    """`POST /api/analyze`: answers for a file of videos/ (JSON) or for an upload (multipart, the part `file`)."""
    return await _analyze(request, None)


async def qwen_status(request: web.Request) -> web.Response:
    """`GET /api/qwen/status`: whether the local Qwen-Omni model can answer."""
    engine = request.app[ANALYSIS].engine(QWEN)
    if engine is None:
        reason = "qwen is not in EMOTION_ENGINES"
        status = EngineStatus(name=QWEN, state="unavailable", code="not_in_use", reason=reason)
    else:
        status = engine.status
    return answered(
        QwenState(
            available=status.state == "ready",
            state=status.state,
            code=status.code,
            reason=status.reason,
            progress=status.progress,
        )
    )


async def qwen_analyze(request: web.Request) -> web.Response:
    """`POST /api/qwen/analyze`: as `POST /api/analyze`, by the local Qwen-Omni model alone."""
    return await _analyze(request, QWEN)


async def _analyze(request: web.Request, engine: EngineName | None) -> web.Response:
    if request.content_type == "multipart/form-data":
        async with request.app[UPLOADS].receive(request) as upload:
            asked = _read(json.dumps({key: value for key, value in upload.fields.items() if value}), Asked)
            assert upload.path is not None
            return await _answered(request, upload.path, upload.name, asked, engine)
    if "Content-Type" in request.headers and request.content_type != "application/json":
        raise ApiError(415, "unsupported_media_type", "Send JSON, or a form with a part called `file`.")
    asked = _read(await read_bytes(request), AnalyzeBody)
    found = None
    if may_see(request, asked.video_name):
        found = await asyncio.to_thread(request.app[LIBRARY].file, asked.video_name)
    if found is None:
        raise ApiError(404, "no_such_clip", "There is no such file in videos/, or it is no longer kept.")
    return await _answered(request, found, asked.video_name, asked, engine)


def _read(body: str | bytes, model: type[Question]) -> Question:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise bad_body(error) from None


async def _answered(
    request: web.Request, path: Path, name: str, asked: Asked, engine: EngineName | None
) -> web.Response:
    work = request.app[ANALYSIS].analyze_file(
        path, engine=engine or asked.engine, prompt=asked.prompt, language=asked.language
    )
    try:
        results = await while_connected(request, work)
    except AnalysisError as error:
        message = f"{str(error)[:1].upper()}{str(error)[1:]}."
        headers = {"Retry-After": "5"} if error.code == "busy" else None
        raise ApiError(
            422 if error.code == "clip_unreadable" else 503, error.code, message, headers
        ) from None
    # In a thread: hours of sound have thousands of windows.
    return answered_with(await asyncio.to_thread(lambda: _file(name, results).model_dump_json()))


def _file(name: str, results: list[EmotionResult]) -> FileAnswer:
    return FileAnswer(
        file=name,
        **asdict(summarize(results)),
        engine=results[0].engine,
        fallback_reason=results[0].fallback_reason,
        fallback_codes=results[0].fallback_codes,
        description=results[-1].description,
        windows=results,
    )


def _engine(request: web.Request) -> EngineProcess:
    engine = request.app[ANALYSIS].engine(read_path(request, EnginePart).name)
    if engine is None:
        raise ApiError(404, "no_such_engine", "There is no such engine in EMOTION_ENGINES.")
    return engine
