"""A history and a chat that live in memory, as small as what the HTTP interface asks of them."""

from __future__ import annotations

import asyncio
import json
import time
import zipfile
from types import SimpleNamespace

from models.llm.base import ChatLatency, Delta, Done, LlmError, LlmStatus, Usage
from pipeline.chat.conversation import ChatRefused
from pipeline.chat.reply import Reply
from pipeline.history.history import HistoryStatus, HistoryUnavailable
from pipeline.history.records import SessionBegan, TurnSaid
from pipeline.history.views import ClipKnown, Session


class FakeHistory:
    """Keeps the sessions that began. `broken` makes it unavailable."""

    def __init__(self):
        self.began: dict[str, SessionBegan] = {}
        self.seen: dict[str, ClipKnown] = {}
        self.broken = False
        self.pid = 12

    @property
    def status(self):
        if self.broken:
            return HistoryStatus(available=False, code="history_locked", reason="another program has it open")
        return HistoryStatus(available=True)

    async def run(self):
        await asyncio.Event().wait()

    async def opened(self):
        """At once."""

    def put(self, record):
        if isinstance(record, SessionBegan):
            self.began.setdefault(record.session_id, record)

    async def written(self):
        return not self.broken

    async def sessions(self, *, limit, before=None):
        self._check()
        if before == "":
            raise ValueError
        ids = sorted(self.began, reverse=True)
        ids = [session_id for session_id in ids if before is None or session_id < before]
        page = [json.loads(self._view(session_id)) for session_id in ids[:limit]]
        return json.dumps({"sessions": page, "next": ids[limit - 1] if len(ids) > limit else None}).encode()

    async def session(self, session_id):
        self._check()
        return self._view(session_id) if session_id in self.began else None

    async def clips(self, names):
        self._check()
        return {name: self.seen[name] for name in names if name in self.seen}

    async def timeline(self, session_id, form):
        self._check()
        if session_id not in self.began:
            return None
        if form == "csv":
            return (b"at,emo", b"tion\r\n")
        empty = {name: [] for name in ("labels", "turns", "clips", "recordings", "consents")}
        return (json.dumps({"session": json.loads(self._view(session_id))} | empty).encode(),)

    async def export(self, session_id, media, into):
        self._check()
        if session_id not in self.began and not media:
            return False
        await asyncio.to_thread(self._zip, session_id, media, into)
        return True

    async def delete(self, session_id):
        self._check()
        return self.began.pop(session_id, None) is not None

    def _check(self):
        if self.broken:
            raise HistoryUnavailable("history_locked", "The history is locked by another program.")

    def _view(self, session_id):
        began = self.began[session_id]
        view = Session(
            session_id=session_id,
            kind=began.kind,
            language=began.language,
            began_at=began.at,
            ended_at=None,
            end_reason=None,
            duration=None,
            labels=0,
            turns=0,
            clips=0,
            emotions={},
            dominant=None,
            dominant_share=None,
        )
        return view.model_dump_json().encode()

    @staticmethod
    def _zip(session_id, media, into):
        with zipfile.ZipFile(into, "w") as archive:
            archive.writestr("session.json", json.dumps({"session_id": session_id}))
            for path in {path.name: path for path in media}.values():
                archive.write(path, f"media/{path.name}")


class FakeReply(Reply):
    """Says back what was said, word by word."""

    def __init__(self, said, conversation):
        super().__init__(said, ahead=0, at=time.time())
        self.kept = self.answer_kept = True
        self._conversation = conversation

    async def events(self):
        chat, words = self._conversation.chat, f"You said {self.said.text}".split()
        if chat.error is None:
            for word in words:
                yield Delta(ask_id=1, text=f"{word} ")
                await chat.may_go_on.wait()
        text = "" if chat.error else " ".join(words)
        yield Done(
            ask_id=1,
            text=text,
            html=f"<p>{text}</p>" if text else "",
            finish="failed" if chat.error else "complete",
            error=chat.error,
            model=None if chat.error else "echo",
            latency=ChatLatency(first=None if chat.error else 1.0, total=2.0),
            usage=None if chat.error else Usage(prompt=3, completion=4),
        )


class FakeConversation:
    def __init__(self, session_id, chat):
        self.session_id = session_id
        self.chat = chat
        self.turns: list[TurnSaid] = []
        self.said = []
        self.stopped = asyncio.Event()

    async def say(self, said):
        if self.chat.busy:
            raise ChatRefused("chat_busy", "Too many messages wait for an answer.")
        self.said.append(said)
        for role, text in (("user", said.text), ("assistant", f"You said {said.text}")):
            self.turns.append(
                TurnSaid(
                    session_id=self.session_id,
                    message_id=said.message_id,
                    role=role,
                    text=text,
                    at=time.time(),
                )
            )
        return FakeReply(said, self)

    def stop(self, message_id=None):
        self.stopped.set()
        return True

    async def clear(self):
        self.turns.clear()
        return not self.chat.history.broken


class FakeChat:
    """Says back what it is told. `error` is what answers fail with, `busy` refuses every message."""

    def __init__(self, history):
        self.history = history
        self.conversations: dict[str, FakeConversation] = {}
        self.error: LlmError | None = None
        self.busy = False
        self.waiting = 0
        self.provider = SimpleNamespace(pid=11)
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    @property
    def status(self):
        return LlmStatus(available=self.error is None, model="echo")

    async def conversation(self, session_id, *, fresh=False):
        return self.conversations.setdefault(session_id, FakeConversation(session_id, self))

    def forget_moods(self, session_id):
        pass

    def forget(self, session_id):
        self.conversations.pop(session_id, None)
