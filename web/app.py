"""The HTTP application: its parts, its routes and what every request passes through."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cache
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web

from web import api, join, keys, pages, trust
from web.access import Access
from web.assets import FOLDER
from web.client import Proxies, who_asks
from web.disk import Disk
from web.entrances import Entrances
from web.errors import errors
from web.exports import Exports
from web.limits import Limiter, Limits
from web.metrics import Metrics
from web.openapi import document
from web.ownership import Ownership
from web.routes import OPERATIONS
from web.security import add_headers, guard
from web.tls.keeper import Keeper
from web.uploads import Uploads
from webrtc.network import IceServers
from webrtc.registry import Registry
from webrtc.services import Services
from webrtc.tap import Chosen

_IMMUTABLE = "public, max-age=31536000, immutable"

_PAGES = (
    web.get("/", pages.call),
    web.get("/library", pages.library),
    web.get("/sessions", pages.sessions),
    web.get("/sessions/{session_id}", pages.session),
    web.get("/monitor", pages.monitor),
    web.get("/code", pages.code_form),
    web.post("/code", pages.code_entered),
    web.get("/trust", trust.trust),
    web.get("/join", join.join),
)


def make_app(
    *,
    access: Access,
    entrances: Entrances,
    keeper: Keeper,
    page: keys.Page,
    registry: Registry,
    services: Services,
    metrics: Metrics,
    receive: Chosen,
    state: Path,
    ice_servers: IceServers | None = None,
    limits: Limits | None = None,
    proxies: Proxies | None = None,
) -> web.Application:
    """Put the application together. `entrances` have the host names it answers to, `proxies` those whose word on who
    asks is taken; `state` is the folder in which exports are made, `receive` how the calls' media is received, and
    `ice_servers` those that callers are told of."""
    limiter = Limiter(limits or Limits())
    app = web.Application(
        middlewares=[
            errors,
            who_asks(proxies or Proxies()),
            limiter.middleware(),
            guard(access, entrances.names),
        ],
        client_max_size=api.MAX_BODY,
    )
    app[keys.ACCESS], app[keys.PAGE], app[keys.TOKENS] = access, page, services.tokens
    app[keys.REGISTRY], app[keys.ANALYSIS], app[keys.LIBRARY] = registry, services.analysis, services.library
    app[keys.CHAT], app[keys.HISTORY], app[keys.LAG] = services.chat, services.history, services.lag
    app[keys.RECEIVE], app[keys.OWNERSHIP] = receive, Ownership(access.secret)
    app[keys.ENTRANCES], app[keys.KEEPER], app[keys.AUDIT] = entrances, keeper, services.audit
    app[keys.ICE_SERVERS] = ice_servers or IceServers()
    app[keys.METRICS], app[keys.LIMITER], app[keys.DISK] = metrics, limiter, Disk(services.library)
    app[keys.UPLOADS], app[keys.EXPORTS] = Uploads(), Exports(state / "exports")
    app[keys.TRANSCODER], app[keys.RECORDINGS] = services.transcoder, services.recordings
    app[keys.DOCUMENT] = _document(page.version)
    app.cleanup_ctx.append(_work)
    app.on_response_prepare.append(_cache_static(page.static))
    app.on_response_prepare.append(add_headers)
    _set_up_templates(app)
    app.add_routes([operation.route() for operation in OPERATIONS])
    app.add_routes([*_PAGES, web.static(page.static.rstrip("/"), FOLDER)])
    return app


@cache
def _document(version: str) -> str:
    return json.dumps(document(OPERATIONS, version), ensure_ascii=False)


def _set_up_templates(app: web.Application) -> None:
    aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )


async def _work(app: web.Application) -> AsyncIterator[None]:
    """What runs as long as the application does. Raises `OSError` where its folders cannot be made."""
    await app[keys.EXPORTS].prepare()
    transcoder = app[keys.TRANSCODER]
    await transcoder.prepare()
    running = asyncio.create_task(transcoder.run(), name="transcoder")
    yield
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


def _cache_static(prefix: str) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def handler(request: web.Request, response: web.StreamResponse) -> None:
        if request.path.startswith(prefix) and response.status < 400:
            response.headers["Cache-Control"] = _IMMUTABLE

    return handler
