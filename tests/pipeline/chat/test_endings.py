"""Answers that end early: stopped, cleared, forgotten, given up."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from models.llm.base import Delta
from pipeline.chat.conversation import MOST_TURNS, ChatRefused
from pipeline.chat.pace import Pace
from pipeline.history.records import TurnSaid, TurnsCleared
from tests.pipeline.chat.chatting import answered, chatting, read, said
from tests.pipeline.chat.fakes import FakeHistory, FakeProvider


class Halfway(FakeProvider):
    """Says the first half of an answer, and then nothing."""

    def __init__(self):
        super().__init__()
        self.halfway = asyncio.Event()

    async def answer(self, turns, *, mood, language, stop=None):
        yield Delta(ask_id=1, text="half of it")
        self.halfway.set()
        await asyncio.Event().wait()


async def test_stopping_ends_the_answer_under_way_and_goes_on_to_the_next():
    provider = FakeProvider()
    async with chatting(provider) as chat:
        provider.go.clear()
        conversation = await chat.conversation("s")
        first, second = [await conversation.say(said(f"m{n}")) for n in range(2)]
        await asyncio.sleep(0.01)
        assert conversation.stop()
        assert (await read(first))[-1].finish == "stopped"
        provider.go.set()
        assert (await read(second))[-1].finish == "complete"
        assert not conversation.stop()


async def test_one_that_still_waits_can_be_stopped_at_once():
    provider = FakeProvider()
    async with chatting(provider) as chat:
        provider.go.clear()
        conversation = await chat.conversation("s")
        first, second = [await conversation.say(said(f"m{n}")) for n in range(2)]
        assert conversation.stop("m1")
        assert (await read(second))[-1].finish == "stopped"
        assert first.done is None and not conversation.stop("m1")


async def test_clearing_forgets_everything_here_and_in_the_history_and_stops_what_runs():
    provider, history = FakeProvider(), FakeHistory()
    async with chatting(provider, history) as chat:
        conversation = await chat.conversation("s")
        await answered(conversation, "m0")
        provider.go.clear()
        reply = await conversation.say(said("m1"))
        await asyncio.sleep(0.01)
        assert await conversation.clear()
        assert (await read(reply))[-1].finish == "stopped"
        assert conversation.turns == ()
        assert isinstance(history.records[-1], TurnsCleared)  # the stopped answer was not kept after it


async def test_who_goes_before_the_acknowledgement_is_not_answered():
    provider, history = FakeProvider(), FakeHistory()
    history.hold = asyncio.Event()
    async with chatting(provider, history) as chat:
        conversation = await chat.conversation("s")
        saying = asyncio.create_task(conversation.say(said("m1")))
        await asyncio.sleep(0.02)
        saying.cancel()
        with suppress(asyncio.CancelledError):
            await saying
        history.hold.set()
        await answered(conversation, "m2")
        assert len(provider.asked) == 1


async def test_an_error_in_one_answer_harms_no_other():
    provider = FakeProvider()
    async with chatting(provider) as chat:
        conversation = await chat.conversation("s")
        provider.crashes = True
        end = await answered(conversation, "m1")
        assert (end.finish, end.error.code) == ("failed", "chat_restarted")
        provider.crashes = False
        assert (await answered(conversation, "m2")).finish == "complete"


async def test_forgetting_a_conversation_stops_it():
    provider = FakeProvider()
    async with chatting(provider) as chat:
        provider.go.clear()
        reply = await (await chat.conversation("s")).say(said("m"))
        await asyncio.sleep(0.01)
        chat.forget("s")
        assert (await read(reply))[-1].finish == "stopped"


async def test_a_chat_that_ends_leaves_nobody_waiting():
    provider = FakeProvider()
    provider.go.clear()
    async with chatting(provider) as chat:
        conversation = await chat.conversation("s")
        replies = [await conversation.say(said(f"m{n}")) for n in range(2)]
        await asyncio.sleep(0.01)
    late = await conversation.say(said("late"))
    for reply in (*replies, late):
        end = (await read(reply))[-1]
        assert (end.finish, end.error.code) == ("failed", "chat_restarted")


async def test_what_was_read_of_an_answer_when_the_chat_ends_is_kept():
    history, provider = FakeHistory(), Halfway()
    async with chatting(provider, history) as chat:
        reply = await (await chat.conversation("s")).say(said("m"))
        await provider.halfway.wait()
    *_, end = await read(reply)
    assert (end.text, end.finish) == ("half of it", "failed")
    assert (history.records[-1].text, history.records[-1].error) == ("half of it", "chat_restarted")


async def test_nothing_is_kept_of_an_answer_to_what_was_forgotten():
    history, provider = FakeHistory(), FakeProvider()
    provider.go.clear()
    async with chatting(provider, history) as chat:
        reply = await (await chat.conversation("s")).say(said("m"))
        await asyncio.sleep(0.01)
        chat.forget("s")
        await read(reply)
        assert [record.role for record in history.records if isinstance(record, TurnSaid)] == ["user"]


async def test_a_session_that_is_forgotten_while_an_answer_ends_is_answered_when_it_begins_anew():
    history = FakeHistory()
    async with chatting(history=history) as chat:
        first = await (await chat.conversation("s")).say(said("m1"))
        history.hold = asyncio.Event()
        await asyncio.sleep(0.01)  # the answer is there, and waits to be kept
        chat.forget("s")
        conversation = await chat.conversation("s")
        history.hold, held = None, history.hold
        second = await conversation.say(said("m2"))
        held.set()
        assert (await read(first))[-1].text == "echo hello there"
        assert (await read(second))[-1].finish == "complete"


async def test_an_id_that_was_cleared_is_free_once_its_answer_has_ended():
    history = FakeHistory()
    async with chatting(history=history) as chat:
        conversation = await chat.conversation("s")
        first = await conversation.say(said("m1"))
        history.hold = asyncio.Event()
        await asyncio.sleep(0.01)
        clearing = asyncio.create_task(conversation.clear())
        await asyncio.sleep(0)
        with pytest.raises(ChatRefused, match="taken already"):
            await conversation.say(said("m1"))
        history.hold.set()
        await clearing
        await read(first)
        assert (await answered(conversation, "m1")).finish == "complete"


async def test_messages_that_are_stopped_before_their_turn_do_not_pile_up():
    provider = FakeProvider()
    provider.go.clear()
    async with chatting(provider) as chat:
        conversation = await chat.conversation("s")
        conversation._pace = Pace(1e9, 10**9)
        await conversation.say(said("first"))
        for n in range(MOST_TURNS + 10):
            await conversation.say(said(f"m{n}"))
            conversation.stop(f"m{n}")
        assert len(conversation.turns) <= MOST_TURNS


async def test_what_was_read_when_the_caller_leaves_is_kept_and_nothing_else_is_answered():
    history, provider = FakeHistory(), FakeProvider()
    provider.go.clear()
    async with chatting(provider, history) as chat:
        conversation = await chat.conversation("s")
        replies = [await conversation.say(said(f"m{n}")) for n in range(3)]
        await asyncio.sleep(0.01)
        chat.leave("s")
        assert [(await read(reply))[-1].finish for reply in replies] == ["stopped"] * 3
        kept = [
            (turn.message_id, turn.finish)
            for turn in history.records
            if getattr(turn, "role", "") == "assistant"
        ]
        assert kept == [("m0", "stopped")]
        chat.leave("s")
        chat.leave("nobody")
        assert await chat.conversation("s") is not conversation


async def test_a_mood_that_is_withheld_goes_with_no_message_that_was_not_given_yet():
    history, provider = FakeHistory(), FakeProvider()
    provider.go.clear()
    async with chatting(provider, history) as chat:
        conversation = await chat.conversation("s")
        replies = [await conversation.say(said(f"m{n}", mood="calm")) for n in range(3)]
        await asyncio.sleep(0.01)
        assert conversation.withhold_mood() == replies[1:]
        assert conversation.withhold_mood() == []
        provider.go.set()
        await read(replies[-1])
        assert [mood for _, mood, _ in provider.asked] == ["calm", None, None]
        assert [turn.mood for turn in conversation.turns if turn.role == "user"] == ["calm", None, None]
        kept = {turn.message_id: turn.mood for turn in history.records if getattr(turn, "role", "") == "user"}
        assert kept == {"m0": "calm", "m1": None, "m2": None}
