"""The pages a person opens."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from urllib.parse import parse_qsl

from aiohttp import web

from models.base import Language
from pipeline.history.history import HistoryUnavailable
from web.access import COOKIE
from web.authority import SessionPart, asker, sees
from web.client import from_this_machine
from web.codes import entered
from web.errors import ApiError
from web.keys import ACCESS, CHAT, HISTORY, PAGE
from web.reading import read_bytes, read_path
from web.rendering import language_of, render
from web.security import remember

_MOST_FIELDS = 8

_CODE_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "Access code",
        "heading": "Enter the access code",
        "hint": "The server printed it when it started, below its addresses. This device is asked again after a week "
        "away.",
        "wrong": "That is not the code. It is printed where Mien was started.",
        "go": "Continue",
        "trust": "Does the browser warn of this address? How to let this device trust it",
    },
    "zh": {
        "title": "访问码",
        "heading": "请输入访问码",
        "hint": "服务器启动时在地址下方显示访问码。离开一周以上的设备才会再次被询问。",
        "wrong": "访问码不对。它显示在启动 Mien 的地方。",
        "go": "继续",
        "trust": "浏览器对此地址发出警告？如何让这台设备信任它",
    },
}


async def call(request: web.Request) -> web.StreamResponse:
    """`GET /`: the call."""
    page = request.app[PAGE]
    config = dict(page.config) | {"ports": asdict(page.ports), "chat": asdict(request.app[CHAT].status)}
    return render("call.html", request, {"config": config})


async def library(request: web.Request) -> web.StreamResponse:
    """`GET /library`: the clips."""
    return _seeing("library.html", request)


async def sessions(request: web.Request) -> web.StreamResponse:
    """`GET /sessions`: the sessions that are kept."""
    return _seeing("sessions.html", request)


async def session(request: web.Request) -> web.StreamResponse:
    """`GET /sessions/<id>`: what is kept of one session. Its status says 404 where nothing is; the page says it in
    words."""
    try:
        session_id = read_path(request, SessionPart).session_id
    except ApiError:  # what was typed is no id at all
        return _seeing("session.html", request, status=404)
    response = _seeing("session.html", request, session_id=session_id)
    if not (sees(request, session_id) and await _there(request, session_id)):
        response.set_status(404)
    return response


async def monitor(request: web.Request) -> web.StreamResponse:
    """`GET /monitor`: how the server is doing."""
    return _seeing("monitor.html", request)


async def _there(request: web.Request, session_id: str) -> bool:
    """Whether anything may be kept of it; in doubt yes, since the page finds out."""
    try:
        return await request.app[HISTORY].session(session_id) is not None
    except HistoryUnavailable:
        return True


def _seeing(template: str, request: web.Request, *, session_id: str = "", status: int = 200) -> web.Response:
    """A page that shows what is kept: to the operator all of it, to a caller what is theirs."""
    context = {"config": {"session_id": session_id}, "operator": asker(request).operates}
    response = render(template, request, context)
    response.set_status(status)
    return response


async def code_form(request: web.Request) -> web.StreamResponse:
    """`GET /code`: asks for the access code."""
    if from_this_machine(request) or request.app[ACCESS].open_to_all:
        raise web.HTTPSeeOther("/")
    return _code(request, request.query.get("next", "/"), wrong=False)


async def code_entered(request: web.Request) -> web.StreamResponse:
    """`POST /code`: sets the cookie for a right code."""
    try:
        form = dict(parse_qsl((await read_bytes(request)).decode(), max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise ApiError(400, "bad_request", "The form cannot be read.") from None
    target = form.get("next", "/")
    access = request.app[ACCESS]
    role = await entered(request, form.get("code", ""))
    if role is None:
        response = _code(request, target, wrong=True)
        response.set_status(401)
        return response
    redirect = web.HTTPSeeOther(_local(target))
    known = access.caller_of(request.cookies.get(COOKIE))
    remember(request, redirect, access.cookie(role, known, time.time()))
    raise redirect


def _code(request: web.Request, target: str, *, wrong: bool) -> web.Response:
    # This page does without a script, which only enters a code that came along: its words are filled in here.
    context = {"next": _local(target), "error": wrong, "words": _CODE_WORDS[language_of(request)]}
    return render("code.html", request, context)


def _local(target: str) -> str:
    """A path on this server, whatever was asked for."""
    plain = target.isascii() and target.isprintable() and "\\" not in target
    return target if plain and target.startswith("/") and not target.startswith("//") else "/"
