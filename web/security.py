"""Who may ask for what: Host and Origin, the loopback rule, the access code, and the headers of every answer."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from yarl import URL

from web.access import COOKIE, COOKIE_AGE, HERE, Access, Asker
from web.addresses import LOOPBACK_NAMES
from web.authority import bearer_of
from web.client import client_of, from_this_machine
from web.codes import entered
from web.errors import ApiError
from web.keys import ASKER

OPEN_PATHS = ("/healthz", "/code", "/trust")
OPEN_PREFIXES = ("/static/", "/trust/")

WHIP = "/whip"
_BY_BEARER = re.compile(r"/whip(/[^/]*)?|/api/sessions/[^/]*/events")
"""Paths for programs, which have no cookie: the access code as a bearer opens them (RFC 9725 section 4.7)."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(self), microphone=(self), display-capture=(), geolocation=(), payment=(), usb=(), serial=(), "
        "midi=(), accelerometer=(), gyroscope=(), magnetometer=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def guard(access: Access, names: Callable[[], Collection[str]]) -> Middleware:
    """A middleware that lets in whoever may come. `names` gives the host names that are ours at present."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        check_host(request, names())
        check_origin(request)
        if _is_open(request):
            return await handler(request)
        now = time.time()
        asker = HERE if from_this_machine(request) else access.read(request.cookies.get(COOKIE), now)
        if asker is None and _BY_BEARER.fullmatch(request.path):
            asker = await _bearer(request, access)
        if asker is None:
            if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
                raise web.HTTPSeeOther(URL("/code").with_query(next=request.path_qs))
            raise ApiError(401, "access_code_required", "Enter the access code at /code first.")
        request[ASKER] = asker
        response = await handler(request)
        if not (asker.fresh or response.prepared):
            remember(request, response, access.cookie(asker.role, asker.caller, now))
        return response

    return middleware


def _is_open(request: web.Request) -> bool:
    """What anybody may ask. A browser has no code for what it asks before a request of another site (RFC 9725 section
    4.7), and is told no more than that there is WHIP."""
    asks_first = request.method == "OPTIONS" and request.path == WHIP
    return asks_first or request.path in OPEN_PATHS or request.path.startswith(OPEN_PREFIXES)


async def _bearer(request: web.Request, access: Access) -> Asker:
    """Who presents a code as a bearer (RFC 6750). Raises `ApiError` for a wrong code, or none."""
    code = bearer_of(request)
    role = None if code is None else await entered(request, code, noted=request.method == "POST")
    if role is None:
        said = (
            "That is not the access code." if code is not None else "Send the access code as a bearer token."
        )
        raise ApiError(401, "access_code_required", said, {"WWW-Authenticate": "Bearer"})
    return access.bearer(role)


def remember(request: web.Request, response: web.StreamResponse, cookie: str) -> None:
    """Have a browser present a cookie from now on."""
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=COOKIE_AGE,
        httponly=True,
        secure=client_of(request).secure,
        samesite="Lax",
        path="/",
    )


def check_host(request: web.Request, names: Collection[str]) -> None:
    """Refuse a Host that is not ours: a page elsewhere may point its own name at this address (DNS rebinding)."""
    host = client_of(request).host
    socket_name = request.transport.get_extra_info("sockname") if request.transport else None
    if host in LOOPBACK_NAMES or host in names or (socket_name and host == socket_name[0]):
        return
    raise ApiError(403, "wrong_host", "This server is not known by that name.")


def check_origin(request: web.Request) -> None:
    """Refuse what another site's page sends here, by Origin and, where a browser sends none, by its word on the site
    (Fetch Metadata). A link may lead here."""
    headers = request.headers
    elsewhere = headers.get("Sec-Fetch-Site") in ("cross-site", "same-site") and not _follows_a_link(request)
    origin = headers.get("Origin")
    if elsewhere or (origin is not None and _authority(origin) != client_of(request).authority.lower()):
        raise ApiError(403, "wrong_origin", "Another site's page may not use this server.")


def _follows_a_link(request: web.Request) -> bool:
    headers = request.headers
    framed = headers.get("Sec-Fetch-Dest") in ("iframe", "frame", "object", "embed", "fencedframe")
    return request.method in ("GET", "HEAD") and headers.get("Sec-Fetch-Mode") == "navigate" and not framed


def _authority(origin: str) -> str | None:
    """Host and port of an Origin, lower case; None for what is none."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler: every answer carries the security headers, and nothing but static files is kept."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "Mien"  # and not which versions of what it is made of
    response.headers.setdefault("Cache-Control", "no-store")
