"""What was asked of the history's process and is not answered yet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import assert_never

from pipeline.history.errors import HistoryRefused, HistoryUnavailable
from pipeline.history.jobs import Answered, Failed, Job, Long, Piece, Refused, Reply
from pipeline.service import ServiceDown

MOST = 64
"""Questions that are answered at a time; more are turned away."""

UNREACHABLE, BUSY = "history_unreachable", "history_busy"


class Questions:
    """Hands each answer to who waits for it."""

    def __init__(self, send: Callable[[Job], Awaitable[None]]) -> None:
        """`send` raises `ServiceDown`."""
        self._send = send
        self._asked: dict[int, asyncio.Future[Reply]] = {}
        self._pieces: dict[int, list[bytes]] = {}
        self._last = 0

    async def ask(self, make: Callable[[int], Job], patience: float | None) -> object:
        """The answer to the job that `make` makes of a number, within `patience` seconds. Raises
        `HistoryUnavailable` and `HistoryRefused`."""
        # Without a limit of time it is the writer who asks, one thing at a time, and readers must not turn it away.
        if patience is not None and len(self._asked) >= MOST:
            raise HistoryUnavailable(BUSY, "the history is asked too much at a time")
        self._last += 1
        number = self._last
        answered = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(patience):
                await self._send(make(number))
                reply = await answered
        except ServiceDown as error:
            raise HistoryUnavailable(UNREACHABLE, f"the history's process is not there: {error}") from error
        except TimeoutError as error:
            raise HistoryUnavailable(
                UNREACHABLE, f"the history did not answer within {patience:g} s"
            ) from error
        finally:
            del self._asked[number]
            pieces = tuple(self._pieces.pop(number, ()))
        match reply:
            case Answered(value=Long(pieces=rest)):
                return pieces + rest
            case Answered():
                return reply.value
            case Refused():
                raise HistoryRefused(reply.reason)
            case Failed():
                raise HistoryUnavailable(reply.code, reply.reason)
            case _:
                assert_never(reply)

    def heard(self, reply: Reply | Piece) -> None:
        """An answer has come, or a piece of it, be it one that nobody waits for any more."""
        if isinstance(reply, Piece):
            if reply.ask_id in self._asked:
                self._pieces.setdefault(reply.ask_id, []).append(reply.data)
            return
        answered = self._asked.get(reply.ask_id)
        if answered is not None and not answered.done():
            answered.set_result(reply)

    def lost(self, why: str) -> None:
        """The process is gone, and answers nothing of this."""
        for number, answered in self._asked.items():
            if not answered.done():
                reason = f"the history's process is started again: {why}"
                answered.set_result(Failed(ask_id=number, code=UNREACHABLE, reason=reason))
