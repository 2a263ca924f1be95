"""The HTTP application: its parts, its routes and what every request passes through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web

from pipeline.analysis import Analysis
from pipeline.library import Library
from web import api, engines, pages
from web.access import Access
from web.assets import FOLDER
from web.errors import errors
from web.keys import ACCESS, ANALYSIS, LAG, LIBRARY, PAGE, REGISTRY, UPLOADS, Page
from web.security import add_headers, guard
from web.uploads import Uploads
from webrtc.lag import LoopLag
from webrtc.registry import Registry

_IMMUTABLE = "public, max-age=31536000, immutable"


def make_app(
    *,
    access: Access,
    names: Collection[str],
    page: Page,
    registry: Registry,
    analysis: Analysis,
    library: Library,
    lag: LoopLag,
) -> web.Application:
    """Put the application together. `names` are the host names it answers to, besides loopback."""
    app = web.Application(middlewares=[errors, guard(access, names)], client_max_size=api.MAX_BODY)
    app[ACCESS], app[ANALYSIS], app[LAG] = access, analysis, lag
    app[LIBRARY], app[PAGE], app[REGISTRY], app[UPLOADS] = library, page, registry, Uploads()
    app.on_response_prepare.append(_cache_static(page.static))
    app.on_response_prepare.append(add_headers)
    aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    app.add_routes(
        [
            web.get("/", pages.call),
            web.get("/code", pages.code_form),
            web.post("/code", pages.code_entered),
            web.post("/offer", api.offer),
            web.post("/api/sessions/{session_id}/leave", api.leave),
            web.get("/healthz", api.healthz),
            web.get("/status", api.status),
            web.get("/videos", api.clips),
            web.get("/api/videos", api.clips),
            web.get("/videos/{name}", api.clip),
            web.get("/api/engines", engines.engines),
            web.post("/api/engines/{name}/load", engines.load),
            web.post("/api/engines/{name}/unload", engines.unload),
            web.post("/api/analyze", engines.analyze),
            web.get("/api/qwen/status", engines.qwen_status),
            web.post("/api/qwen/analyze", engines.qwen_analyze),
            web.get("/thumbnails/{name}.jpg", api.thumbnail),
            web.static(page.static.rstrip("/"), FOLDER),
        ]
    )
    return app


def _cache_static(prefix: str) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def handler(request: web.Request, response: web.StreamResponse) -> None:
        if request.path.startswith(prefix) and response.status < 400:
            response.headers["Cache-Control"] = _IMMUTABLE

    return handler
