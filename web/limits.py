"""Limits: how often each address may ask, and the middleware that turns the others away."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from web.client import client_of
from web.errors import ApiError
from web.rates import Rate, Rates

UNCOUNTED = ("/static/", "/thumbnails/")
"""Paths of which one page may ask for hundreds at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Requests of any kind, offers of calls, chat messages over HTTP and wrong access codes, by address; each
    conversation has a pace of its own besides. None is without a limit. Loopback is no exception: behind a proxy
    that is not trusted everybody comes from there."""

    requests: Rate | None = field(default_factory=lambda: Rate(per_second=50, burst=300))
    offers: Rate | None = field(default_factory=lambda: Rate(per_second=1, burst=10))
    messages: Rate | None = field(default_factory=lambda: Rate(per_second=2, burst=240))
    wrong_codes: Rate | None = field(default_factory=lambda: Rate(per_second=0.1, burst=6))


class Limiter:
    """Counts what is asked, and turns away what is too much."""

    def __init__(self, limits: Limits) -> None:
        self._requests = _rates(limits.requests)
        self._offers = _rates(limits.offers)
        self._messages = _rates(limits.messages)
        self._wrong_codes = _rates(limits.wrong_codes)

    def request(self, request: web.Request) -> None:
        """Any request. Raises `ApiError`."""
        if not request.path.startswith(UNCOUNTED):
            _count(self._requests, client_of(request).address, "requests")

    def offer(self, request: web.Request) -> None:
        """The offer of a call. Raises `ApiError`."""
        _count(self._offers, client_of(request).address, "calls")

    def message(self, request: web.Request) -> None:
        """A chat message. Raises `ApiError`."""
        _count(self._messages, client_of(request).address, "messages")

    def code(self, request: web.Request) -> None:
        """An access code, right or wrong, after too many wrong ones. Raises `ApiError`."""
        rates = self._wrong_codes
        _refuse(
            0.0 if rates is None else rates.wait(client_of(request).address, time.monotonic()), "wrong codes"
        )

    def wrong_code(self, request: web.Request) -> None:
        """It was a wrong one."""
        if self._wrong_codes is not None:
            self._wrong_codes.allow(client_of(request).address, time.monotonic())

    def middleware(self) -> Middleware:
        """Counts every request before anything is done for it."""

        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.request(request)
            return await handler(request)

        return middleware


def _rates(rate: Rate | None) -> Rates | None:
    return None if rate is None else Rates(rate)


def _count(rates: Rates | None, key: str, what: str) -> None:
    _refuse(0.0 if rates is None else rates.allow(key, time.monotonic()), what)


def _refuse(wait: float, what: str) -> None:
    if wait:
        seconds = math.ceil(wait)
        raise ApiError(
            429,
            "rate_limited",
            f"Too many {what} in a short time; try again in {seconds} s.",
            {"Retry-After": str(seconds)},
        )
