"""An operation of the HTTP interface: what it is called by, what it takes, and all that it may answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel

Content = Mapping[str, type[BaseModel] | None]
"""What a body may be, by media type; None where it is no JSON."""

EMPTY: Content = {}

COMMON: Mapping[int, Sequence[str]] = {
    400: ("bad_request", "bad_forwarded"),
    401: ("access_code_required",),
    403: ("wrong_host", "wrong_origin"),
    429: ("rate_limited",),
}
"""What every operation may refuse with, by status."""


def json(model: type[BaseModel]) -> dict[str, type[BaseModel] | None]:
    """A JSON body."""
    return {"application/json": model}


def media(*types: str) -> dict[str, type[BaseModel] | None]:
    """A body of one of these media types."""
    return dict.fromkeys(types)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`path` is written as aiohttp and OpenAPI both do, its varying parts being the fields of `parts`. `answers` are
    the statuses of success with their bodies, `errors` further codes by status."""

    method: Literal["GET", "POST", "PATCH", "DELETE", "OPTIONS"]
    path: str
    handler: Handler
    summary: str
    tag: str
    answers: Mapping[int, Content]
    parts: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    body: Content = field(default_factory=dict)
    token: bool = False
    """Whether the caller's token may be sent as a bearer."""
    errors: Mapping[int, Sequence[str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its handler's name, which is unique."""
        return self.handler.__name__

    def route(self) -> web.RouteDef:
        """How aiohttp finds it; HEAD goes with GET."""
        if self.method == "GET":
            return web.get(self.path, self.handler)
        return web.route(self.method, self.path, self.handler)

    def refusals(self) -> dict[int, list[str]]:
        """Every code that it may refuse with, by status."""
        codes = {status: list(common) for status, common in COMMON.items()}
        if self.body:
            codes[408], codes[413] = ["too_slow"], ["too_large"]
        for status, own in self.errors.items():
            codes.setdefault(status, []).extend(own)
        return dict(sorted(codes.items()))
