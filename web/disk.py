"""The disk that the clips are on, asked by one thread at a time: on one that hangs each would hang too, and the clips
are made by the same threads."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from typing import Generic, TypeVar

from pipeline.library import Library, refusal

WAIT = 2.0
"""Seconds in which a disk must have answered."""

Answer = TypeVar("Answer")


class Disk:
    """Whether it takes a byte, and how many it has room for."""

    def __init__(self, library: Library) -> None:
        self._writable = _Question(library.check_writable)
        self._room = _Question(lambda: shutil.disk_usage(library.videos).free)

    async def trouble(self) -> tuple[str, str] | None:
        """Why it takes none: a stable code, and a sentence for people."""
        try:
            await self._writable.answer()
        except TimeoutError:
            return "disk_slow", f"The data folder took no byte within {WAIT:.0f} s."
        except OSError as error:
            why = error.strerror or type(error).__name__
            return refusal(error), f"The data folder cannot be written ({why})."
        return None

    async def room(self) -> int | None:
        """Bytes; None where it does not say."""
        try:
            return await self._room.answer()
        except OSError:  # TimeoutError is one
            return None


class _Question(Generic[Answer]):
    """Those who ask while nobody has answered yet share one answer."""

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self._asked: asyncio.Future[Answer] | None = None

    async def answer(self) -> Answer:
        """Raises `TimeoutError`, and whatever asking does."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.get_running_loop().run_in_executor(None, self._ask)
        async with asyncio.timeout(WAIT):
            return await asyncio.shield(self._asked)
