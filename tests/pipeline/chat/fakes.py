"""A provider and a history that do what a test tells them to."""

from __future__ import annotations

import asyncio

from models.llm.base import ChatLatency, Delta, Done, LlmError, LlmStatus
from pipeline.history.history import HistoryStatus, HistoryUnavailable
from pipeline.history.records import TurnSaid, TurnsCleared


def done(text="", finish="complete", code=None):
    return Done(
        ask_id=1,
        text=text,
        html=f"<p>{text}</p>",
        finish=finish,
        error=code and LlmError(code=code, message=f"failed by {code}"),
        model="fake",
        latency=ChatLatency(first=1.0, total=2.0),
        usage=None,
    )


class FakeProvider:
    """Repeats the last turn word by word, after `go` is set; `fails` are codes with which the next answers end."""

    def __init__(self):
        self.asked = []
        self.go = asyncio.Event()
        self.go.set()
        self.fails = []
        self.crashes = False
        self.status = LlmStatus(available=True, model="fake")

    async def run(self):
        await asyncio.Event().wait()

    async def answer(self, turns, *, mood, language, stop=None):
        self.asked.append((list(turns), mood, language))
        if self.crashes:
            raise RuntimeError("a mistake")
        text = ""
        for word in f"echo {turns[-1].text}".split(" "):
            waiting = [asyncio.ensure_future(event.wait()) for event in (self.go, stop)]
            _, late = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for each in late:
                each.cancel()
            if stop.is_set():
                yield done(text, "stopped")
                return
            if self.fails:
                yield done(text, "failed", self.fails.pop(0))
                return
            piece = word if not text else f" {word}"
            text += piece
            yield Delta(ask_id=1, text=piece)
        yield done(text)


class FakeHistory:
    """Keeps records in a list. `broken` makes it keep and give nothing."""

    def __init__(self):
        self.records = []
        self.broken = False
        self.hold = None
        self.status = HistoryStatus(available=True)

    def put(self, record):
        if not self.broken:
            self.records.append(record)

    async def keep(self, record):
        if self.hold is not None:
            await self.hold.wait()
        self.put(record)
        return not self.broken

    async def written(self):
        return not self.broken

    async def turns(self, session_id):
        if self.broken:
            raise HistoryUnavailable("history_locked", "another program writes to it")
        turns = []
        for record in self.records:
            if isinstance(record, TurnSaid) and record.session_id == session_id:
                turns.append(record)
            elif isinstance(record, TurnsCleared) and record.session_id == session_id:
                turns.clear()
        return turns


class FakeFigures:
    """Keeps what it is told."""

    def __init__(self):
        self.answers, self.looks, self.sessions = [], [], []

    def answered(self, total_ms, finish, code):
        self.answers.append((total_ms, finish, code))

    def looked(self, engine, total_ms):
        self.looks.append((engine, total_ms))

    def ended(self, session):
        self.sessions.append(session)
