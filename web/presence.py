"""Whether whoever asked is still there."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiohttp import web

CHECK = 0.5
"""Seconds after which work for somebody who has gone is noticed and given up."""

Answer = TypeVar("Answer")


def gone(request: web.Request) -> bool:
    """Whether the connection has been closed."""
    return request.transport is None or request.transport.is_closing()


async def while_connected(request: web.Request, work: Coroutine[Any, Any, Answer]) -> Answer:
    """Do the work, unless whoever asked for it goes. Raises `ConnectionResetError` then."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait([task], timeout=CHECK)
            if gone(request):
                raise ConnectionResetError("whoever asked has gone")
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
