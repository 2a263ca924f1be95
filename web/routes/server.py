"""The operations that tell of the server."""

from __future__ import annotations

from web import api, health
from web.answers import Health, Readiness, Status
from web.operations import Operation, json, media

SERVER = (
    Operation(
        method="GET",
        path="/healthz",
        handler=health.healthz,
        summary="Whether the server is up. Open to everybody.",
        tag="server",
        answers={200: json(Health)},
    ),
    Operation(
        method="GET",
        path="/readyz",
        handler=health.readyz,
        summary="Whether a call can be served now, and what is missing.",
        tag="server",
        answers={200: json(Readiness), 503: json(Readiness)},
    ),
    Operation(
        method="GET",
        path="/status",
        handler=api.status,
        summary="Every call with its queues, the engines, the chat's provider and the history.",
        tag="server",
        answers={200: json(Status)},
    ),
    Operation(
        method="GET",
        path="/metrics",
        handler=health.metrics,
        errors={403: ("operator_only",)},
        summary="Figures in Prometheus's text format.",
        tag="server",
        answers={200: media("text/plain")},
    ),
    Operation(
        method="GET",
        path="/api/openapi.json",
        handler=api.openapi,
        summary="This document.",
        tag="server",
        answers={200: media("application/json")},
    ),
)
