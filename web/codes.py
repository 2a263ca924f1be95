"""The codes as they are entered: one is looked at at an unhurried pace, and what came of it is logged."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import web

from web.access import Role
from web.audit import note
from web.client import client_of
from web.keys import ACCESS, LIMITER

log = logging.getLogger(__name__)

WRONG_CODE_DELAY = 0.5
"""Seconds before a wrong code is answered, so that codes cannot be tried fast."""


async def entered(request: web.Request, code: str, *, noted: bool = True) -> Role | None:
    """Whose code it is; None for a wrong one, after a while. A right one is `noted` in the audit log. Raises `ApiError`
    after too many wrong ones."""
    limiter = request.app[LIMITER]
    limiter.code(request)
    role = request.app[ACCESS].role_of(code)
    if role is None:
        note(request, "code_refused")
        limiter.wrong_code(request)
        log.warning("a wrong access code from %s", client_of(request).address)
        await asyncio.sleep(WRONG_CODE_DELAY)
    elif noted:
        note(request, "code_accepted", what=role)
    return role
