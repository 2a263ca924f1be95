"""The operations on the engines, and by which they look at files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from web import engines
from web.answers import Engines, EngineView, FileAnswer, QwenState
from web.operations import Content, Operation, json

_ANALYZE: Content = {"application/json": engines.AnalyzeBody, "multipart/form-data": engines.AnalyzeForm}
_ANALYZE_ERRORS: Mapping[int, Sequence[str]] = {
    404: ("no_such_clip",),
    415: ("unsupported_media_type",),
    422: ("clip_unreadable",),
    503: ("engine_unavailable", "busy", "superseded"),
}

ENGINES = (
    Operation(
        method="GET",
        path="/api/engines",
        handler=engines.engines,
        summary="The engines in the order in which they are asked.",
        tag="engines",
        answers={200: json(Engines)},
    ),
    Operation(
        method="POST",
        path="/api/engines/{name}/load",
        handler=engines.load,
        summary="Begin to load an engine.",
        tag="engines",
        parts=engines.EnginePart,
        answers={200: json(EngineView), 202: json(EngineView)},
        errors={403: ("operator_only",), 404: ("no_such_engine",), 409: ("not_set_up",)},
    ),
    Operation(
        method="POST",
        path="/api/engines/{name}/unload",
        handler=engines.unload,
        summary="End an engine's process, which gives its memory back.",
        tag="engines",
        parts=engines.EnginePart,
        answers={200: json(EngineView)},
        errors={403: ("operator_only",), 404: ("no_such_engine",)},
    ),
    Operation(
        method="POST",
        path="/api/analyze",
        handler=engines.analyze,
        summary="The expressions likely seen in a file, one of videos/ or one that is sent.",
        tag="engines",
        body=_ANALYZE,
        answers={200: json(FileAnswer)},
        errors=_ANALYZE_ERRORS,
    ),
    Operation(
        method="GET",
        path="/api/qwen/status",
        handler=engines.qwen_status,
        summary="Whether the local Qwen-Omni model can answer.",
        tag="engines",
        answers={200: json(QwenState)},
    ),
    Operation(
        method="POST",
        path="/api/qwen/analyze",
        handler=engines.qwen_analyze,
        summary="As /api/analyze, by the local Qwen-Omni model alone.",
        tag="engines",
        body=_ANALYZE,
        answers={200: json(FileAnswer)},
        errors=_ANALYZE_ERRORS,
    ),
)
