"""How a page becomes HTML: its template, and the language of whoever reads it."""

from __future__ import annotations

from typing import Any, cast, get_args

import aiohttp_jinja2
from aiohttp import web

from models.base import Language
from web.keys import PAGE


def language_of(request: web.Request) -> Language:
    """The one of ours that the browser names first."""
    for tag in request.headers.get("Accept-Language", "").lower().split(","):
        for language in get_args(Language):
            if tag.strip().split(";")[0].split("-")[0] == language:
                return cast(Language, language)
    return "en"


def render(template: str, request: web.Request, context: dict[str, Any]) -> web.Response:
    """A template with `context` and what every page is given."""
    page = request.app[PAGE]
    context |= {"static": page.static, "version": page.version, "language": language_of(request)}
    return aiohttp_jinja2.render_template(template, request, context)
