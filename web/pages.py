"""The pages a person opens."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from web.access import COOKIE
from web.errors import ApiError
from web.keys import ACCESS, CHAT, PAGE
from web.security import from_this_machine

WRONG_CODE_DELAY = 0.5
"""Seconds before a wrong code is answered, so that codes cannot be tried fast."""

_COOKIE_AGE = 30 * 24 * 3600


async def call(request: web.Request) -> web.StreamResponse:
    """`GET /`: the call."""
    config = dict(request.app[PAGE].config) | {"chat": asdict(request.app[CHAT].status)}
    return _render("call.html", request, {"config": config})


async def code_form(request: web.Request) -> web.StreamResponse:
    """`GET /code`: asks for the access code."""
    if from_this_machine(request):
        raise web.HTTPSeeOther("/")
    return _render("code.html", request, {"next": _local(request.query.get("next", "/")), "error": None})


async def code_entered(request: web.Request) -> web.StreamResponse:
    """`POST /code`: sets the cookie for a right code."""
    try:
        form = await request.post()
    except (ValueError, LookupError):
        raise ApiError(400, "bad_request", "The form cannot be read.") from None
    target = _local(str(form.get("next", "/")))
    cookie = request.app[ACCESS].cookie_for(str(form.get("code", "")))
    if cookie is None:
        await asyncio.sleep(WRONG_CODE_DELAY)
        wrong = "That is not the code. It is printed where Mien was started."
        response = _render("code.html", request, {"next": target, "error": wrong})
        response.set_status(401)
        return response
    redirect = web.HTTPSeeOther(target)
    redirect.set_cookie(
        COOKIE, cookie, max_age=_COOKIE_AGE, httponly=True, secure=request.secure, samesite="Lax", path="/"
    )
    raise redirect


def _render(template: str, request: web.Request, context: dict[str, Any]) -> web.Response:
    page = request.app[PAGE]
    context |= {"static": page.static, "version": page.version}
    return aiohttp_jinja2.render_template(template, request, context)


def _local(target: str) -> str:
    """A path on this server, whatever was asked for."""
    plain = target.isascii() and target.isprintable() and "\\" not in target
    return target if plain and target.startswith("/") and not target.startswith("//") else "/"
