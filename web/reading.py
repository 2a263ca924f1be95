"""What a request says, read through pydantic models: its path, its query and its body."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from web.errors import ApiError, bad_body

Model = TypeVar("Model", bound=BaseModel)

SLOWEST = 15.0
"""Seconds in which a body that is no file must arrive."""


class Body(BaseModel):
    """A JSON body. Types are taken at their word: a number is no text, and 1 is not true."""

    model_config = ConfigDict(strict=True, frozen=True)


def read_path(request: web.Request, model: type[Model]) -> Model:
    """The parts of the path that vary. Raises `ApiError`."""
    return _read(dict(request.match_info), model)


def read_query(request: web.Request, model: type[Model]) -> Model:
    """The query; what the model does not know is passed over. Raises `ApiError`."""
    return _read(dict(request.query), model)


async def read_body(request: web.Request, model: type[Model]) -> Model:
    """The JSON body, whatever it is called: a page's beacon may not name its type. Raises `ApiError`."""
    try:
        return model.model_validate_json(await read_bytes(request))
    except ValidationError as error:
        raise bad_body(error) from None


def refuse_encoded(request: web.Request) -> None:
    """Raises `ApiError` for a body that would have to be unpacked: no browser packs one, and of a few kilobytes may
    become gigabytes. The server leaves it packed."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ApiError(400, "bad_request", "The body cannot be read: send it without a Content-Encoding.")


async def read_bytes(request: web.Request) -> bytes:
    """The body as it is. Raises `ApiError` where it does not arrive."""
    refuse_encoded(request)
    try:
        async with asyncio.timeout(SLOWEST):
            return await request.read()
    except TimeoutError:
        raise ApiError(408, "too_slow", f"The body did not arrive within {SLOWEST:.0f} s.") from None


def _read(values: dict[str, str], model: type[Model]) -> Model:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise ApiError(400, "bad_request", f"The parameter {name} is wrong: {first['msg']}.") from None
