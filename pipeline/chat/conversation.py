"""A conversation: one person's chat, its turns in order, and what waits to be answered."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

from models.base import Language
from models.llm.base import ChatLatency, ChatTurn, Delta, Done, LlmError
from models.llm.plain import plain
from models.llm.words import Trouble, words
from pipeline.chat.figures import ChatFigures
from pipeline.chat.pace import Pace
from pipeline.chat.provider import Provider
from pipeline.chat.reply import Reply, Said
from pipeline.history.history import History
from pipeline.history.records import SessionBegan, TurnSaid, TurnsCleared

MOST_WAITING = 8
"""Messages that wait or are being answered; more are turned away."""

MOST_TURNS = 400
"""Turns that are remembered here; the history has them all."""

PER_SECOND, BURST = 0.5, 10
"""How fast messages may come in the long run, and how many at once."""


class ChatRefused(Exception):
    """A message that is not taken: `chat_busy` when too many wait, `rate_limited` when they come too fast,
    `duplicate_message` for an id that was used.

    `code` is stable; the message is for people. `retry_after` is seconds.
    """

    def __init__(self, code: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after


class Conversation:
    """Messages are answered one by one, in the order in which they came. `wake` is called when one is to be, and then
    `answer` must be run."""

    def __init__(
        self,
        session_id: str,
        provider: Provider,
        history: History,
        figures: ChatFigures,
        wake: Callable[[Conversation], None],
    ) -> None:
        self.session_id = session_id
        self._provider = provider
        self._history = history
        self._figures = figures
        self._wake = wake
        self._turns: list[TurnSaid] = []
        self.recalled = False
        """Whether what the history holds of it is here."""
        self._waiting: deque[Reply] = deque()
        """The first is the one being answered."""
        self._pace = Pace(PER_SECOND, BURST)

    @property
    def turns(self) -> Sequence[TurnSaid]:
        """What was said, oldest first, each answer after what it answers; answers that failed included."""
        return tuple(self._turns)

    @property
    def busy(self) -> bool:
        """Whether anything waits or is being answered."""
        return bool(self._waiting)

    def recall(self, turns: Sequence[TurnSaid]) -> None:
        """Put what the history holds before what was said since."""
        if self.recalled:
            return
        known = {turn.message_id for turn in self._turns}
        self._turns[:0] = [turn for turn in paired(turns) if turn.message_id not in known]
        self._trim()
        self.recalled = True

    async def say(self, said: Said) -> Reply:
        """Take a message; returns once it is kept, or could not be. Raises `ChatRefused`."""
        self._check(said)
        at = time.time()
        reply = Reply(said, ahead=len(self._waiting), at=at)
        turn = TurnSaid(
            session_id=self.session_id,
            message_id=said.message_id,
            role="user",
            text=said.text,
            at=at,
            mood=said.mood,
        )
        self._turns.append(turn)
        self._trim()
        self._waiting.append(reply)
        try:
            # Of a session that the history knows it changes nothing.
            self._history.put(
                SessionBegan(session_id=self.session_id, kind=said.kind, at=at, language=said.language)
            )
            reply.kept = await self._history.keep(turn)
        except asyncio.CancelledError:
            reply.stopping.set()  # whoever asked has gone
            raise
        finally:
            reply.accepted.set()
            self._wake(self)
        return reply

    def _check(self, said: Said) -> None:
        # One that is cleared is known no more, yet its answer may still be ending.
        ids = {turn.message_id for turn in self._turns} | {reply.message_id for reply in self._waiting}
        if said.message_id in ids:
            raise ChatRefused("duplicate_message", "This message has been taken already.")
        if len(self._waiting) >= MOST_WAITING:
            raise ChatRefused("chat_busy", "Too many messages wait for an answer; try again in a moment.", 5)
        pause = self._pace.take(time.monotonic())
        if pause:
            raise ChatRefused(
                "rate_limited", f"Messages come too fast; try again in {pause:.0f} s.", retry_after=pause
            )

    def stop(self, message_id: str | None = None) -> bool:
        """End the answer that is under way, or the one to this message, which may still wait. False for none."""
        for index, reply in enumerate(self._waiting):
            if message_id in (None, reply.message_id):
                reply.stopping.set()
                if index > 0:
                    self._waiting.remove(reply)
                    reply.finish(_stopped(), kept=False, at=time.time())
                return True
        return False

    def withhold_mood(self) -> list[Reply]:
        """Tell the model nothing of expressions with any message that it has not been given yet; those that this
        changes are returned."""
        changed = [reply for reply in self._waiting if reply.said.mood is not None and not reply.asked]
        for reply in changed:
            reply.said = replace(reply.said, mood=None)
            for index, turn in enumerate(self._turns):
                if turn.message_id == reply.message_id and turn.role == "user":
                    self._turns[index] = replace(turn, mood=None)
                    self._history.put(self._turns[index])
        return changed

    def forget_moods(self) -> None:
        """Drop what the model was told of expressions with earlier messages; the history is told by others."""
        self._turns = [turn if turn.mood is None else replace(turn, mood=None) for turn in self._turns]

    def age(self, before: float) -> None:
        """Drop turns that were said before a moment in epoch seconds, unless they are being answered."""
        waiting = {reply.message_id for reply in self._waiting}
        self._turns = [turn for turn in self._turns if turn.at >= before or turn.message_id in waiting]

    async def clear(self) -> bool:
        """Forget every turn, in the history too; answers that wait or are under way are stopped. False when the
        history could not be told."""
        self.abandon()
        self.recalled = True  # of what there was nothing is wanted back
        return await self._history.keep(TurnsCleared(session_id=self.session_id))

    def abandon(self) -> None:
        """Forget every turn here, and stop all that waits or is under way, of which nothing is kept any more."""
        self.stop_all()
        self._turns.clear()

    def stop_all(self) -> None:
        """Stop all that waits or is under way."""
        for reply in reversed(tuple(self._waiting)):
            self.stop(reply.message_id)

    def end(self) -> None:
        """Nothing that waits is answered any more."""
        while self._waiting:
            reply = self._waiting.popleft()
            reply.finish(_broken("", reply.said.language), kept=False, at=time.time())

    async def answer(self) -> None:
        """Answer what waits, until nothing does."""
        while self._waiting:
            reply = self._waiting[0]
            try:
                await reply.accepted.wait()
                await self._answer(reply)
            finally:  # also when cancelled, or by an error: nobody waits for ever
                reply.finish(_broken("", reply.said.language), kept=False, at=time.time())
                if self._waiting and self._waiting[0] is reply:
                    self._waiting.popleft()

    async def _answer(self, reply: Reply) -> None:
        said = reply.said
        if reply.stopping.is_set():
            reply.finish(_stopped(), kept=False, at=time.time())
            return
        reply.asked = True
        answer = self._provider.answer(
            self._before(said.message_id), mood=said.mood, language=said.language, stop=reply.stopping
        )
        done: Done | None = None
        text = ""
        try:
            async with aclosing(answer) as items:
                async for item in items:
                    if isinstance(item, Delta):
                        reply.add(item)
                        text += item.text
                    else:
                        done = item
        except asyncio.CancelledError:
            self._break_off(reply, text)
            raise
        assert done is not None, "an answer ends with Done"
        turn = _turn(self.session_id, said.message_id, done, time.time())
        kept = self._insert(turn) and await self._history.keep(turn)
        self._figures.answered(done.latency.total, done.finish, done.error.code if done.error else None)
        reply.finish(done, kept=kept, at=turn.at)

    def _break_off(self, reply: Reply, text: str) -> None:
        """The server stops. What the person has read of the answer is kept, soon, as there is no time to wait."""
        done, at = _broken(text, reply.said.language), time.time()
        turn = _turn(self.session_id, reply.message_id, done, at)
        if text and self._insert(turn):
            self._history.put(turn)
        reply.finish(done, kept=False, at=at)

    def _before(self, message_id: str) -> list[ChatTurn]:
        """What the model is given: all up to this message. Turns of one side that follow each other, since an answer
        failed, become one: many models take turns strictly in turn."""
        given: list[ChatTurn] = []
        for turn in self._turns:
            if turn.text and given and given[-1].role == turn.role:
                given[-1] = replace(given[-1], text=f"{given[-1].text}\n\n{turn.text}")
            elif turn.text:
                given.append(ChatTurn(role=turn.role, text=turn.text))
            if turn.message_id == message_id:
                break
        return given

    def _insert(self, turn: TurnSaid) -> bool:
        """Put an answer behind what it answers. False when that was cleared in the meantime."""
        for index, other in enumerate(self._turns):
            if other.message_id == turn.message_id:
                self._turns.insert(index + 1, turn)
                self._trim()
                return True
        return False

    def _trim(self) -> None:
        del self._turns[: max(0, len(self._turns) - MOST_TURNS)]


def paired(turns: Sequence[TurnSaid]) -> list[TurnSaid]:
    """Turns with each answer after what it answers, which may have been said after the next message was."""
    answers = {turn.message_id: turn for turn in turns if turn.role == "assistant"}
    ordered: list[TurnSaid] = []
    for turn in turns:
        if turn.role == "user":
            ordered.append(turn)
            if (answer := answers.pop(turn.message_id, None)) is not None:
                ordered.append(answer)
    return ordered


def _turn(session_id: str, message_id: str, done: Done, at: float) -> TurnSaid:
    return TurnSaid(
        session_id=session_id,
        message_id=message_id,
        role="assistant",
        text=done.text,
        at=at,
        html=done.html,
        model=done.model,
        finish=done.finish,
        error=done.error.code if done.error else None,
        first_ms=done.latency.first,
        total_ms=done.latency.total,
        prompt_tokens=done.usage.prompt if done.usage else None,
        completion_tokens=done.usage.completion if done.usage else None,
    )


def _stopped() -> Done:
    """The end of an answer that was stopped before it began."""
    return Done(
        ask_id=0,
        text="",
        html="",
        finish="stopped",
        error=None,
        model=None,
        latency=ChatLatency(first=None, total=0.0),
        usage=None,
    )


def _broken(text: str, language: Language) -> Done:
    """The end of an answer that breaks off after `text`, through no wish of the person's."""
    return Done(
        ask_id=0,
        text=text,
        html=plain(text),
        finish="failed",
        error=LlmError(code="chat_restarted", message=words(Trouble(code="chat_restarted"), language)),
        model=None,
        latency=ChatLatency(first=None, total=0.0),
        usage=None,
    )
