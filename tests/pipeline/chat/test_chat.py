"""The chat: messages are answered in order, and kept."""

from __future__ import annotations

import asyncio

import pytest

from models.llm.base import ChatTurn, Delta
from pipeline.chat.conversation import BURST, MOST_WAITING, ChatRefused
from pipeline.history.records import SessionBegan
from tests.pipeline.chat.chatting import answered, chatting, read, said
from tests.pipeline.chat.fakes import FakeHistory, FakeProvider


async def test_an_answer_comes_in_pieces_and_ends_with_all_of_it():
    async with chatting() as chat:
        conversation = await chat.conversation("s")
        *deltas, end = await read(await conversation.say(said("m1")))
        assert all(isinstance(delta, Delta) for delta in deltas)
        assert "".join(delta.text for delta in deltas) == end.text == "echo hello there"


async def test_both_sides_are_kept_before_they_are_acknowledged():
    history = FakeHistory()
    async with chatting(history=history) as chat:
        conversation = await chat.conversation("s")
        reply = await conversation.say(said("m1", mood="calm"))
        assert reply.kept
        began, turn = history.records
        assert isinstance(began, SessionBegan) and began.kind == "chat"
        assert (turn.role, turn.text, turn.mood) == ("user", "hello there", "calm")
        await read(reply)
        assert reply.answer_kept
        assert (history.records[-1].role, history.records[-1].finish) == ("assistant", "complete")


async def test_messages_are_answered_in_order_each_with_all_that_was_said_before():
    provider = FakeProvider()
    async with chatting(provider) as chat:
        provider.go.clear()
        conversation = await chat.conversation("s")
        replies = [await conversation.say(said(f"m{n}", f"word{n}")) for n in range(3)]
        assert [reply.ahead for reply in replies] == [0, 1, 2]
        provider.go.set()
        assert [(await read(reply))[-1].text for reply in replies] == [f"echo word{n}" for n in range(3)]
        turns, _, _ = provider.asked[-1]
        assert [turn.text for turn in turns] == ["word0", "echo word0", "word1", "echo word1", "word2"]
        assert [turn.text for turn in conversation.turns][:4] == [
            "word0",
            "echo word0",
            "word1",
            "echo word1",
        ]


async def test_a_failed_answer_leaves_the_message_and_is_no_turn_for_the_model():
    provider, history = FakeProvider(), FakeHistory()
    async with chatting(provider, history) as chat:
        conversation = await chat.conversation("s")
        provider.fails = ["chat_unreachable"]
        failed = await answered(conversation, "m1", "first")
        assert chat._figures.answers == [(2.0, "failed", "chat_unreachable")]
        assert (failed.finish, failed.error.code) == ("failed", "chat_unreachable")
        assert [(turn.role, turn.error) for turn in conversation.turns] == [
            ("user", None),
            ("assistant", "chat_unreachable"),
        ]
        await answered(conversation, "m2", "second")
        turns, _, _ = provider.asked[-1]
        assert turns == [ChatTurn(role="user", text="first\n\nsecond")]


async def test_too_many_waiting_are_turned_away_and_so_is_an_id_used_twice():
    provider = FakeProvider()
    async with chatting(provider) as chat:
        provider.go.clear()
        conversation = await chat.conversation("s")
        for n in range(MOST_WAITING):
            await conversation.say(said(f"m{n}"))
        with pytest.raises(ChatRefused) as refused:
            await conversation.say(said("one more"))
        assert refused.value.code == "chat_busy"
        with pytest.raises(ChatRefused) as refused:
            await conversation.say(said("m0"))
        assert refused.value.code == "duplicate_message"


async def test_messages_that_come_too_fast_are_told_when_to_come_back():
    async with chatting() as chat:
        conversation = await chat.conversation("s")
        for n in range(BURST):
            await answered(conversation, f"m{n}")
        with pytest.raises(ChatRefused) as refused:
            await conversation.say(said("one more"))
        assert refused.value.code == "rate_limited" and 0 < refused.value.retry_after <= 2


async def test_no_answer_begins_before_its_message_is_acknowledged():
    provider, history = FakeProvider(), FakeHistory()
    history.hold = asyncio.Event()
    async with chatting(provider, history) as chat:
        conversation = await chat.conversation("s")
        saying = asyncio.create_task(conversation.say(said("m1")))
        await asyncio.sleep(0.02)
        assert not provider.asked
        history.hold.set()
        await read(await saying)


async def test_pieces_that_are_not_read_in_time_become_one():
    async with chatting() as chat:
        reply = await (await chat.conversation("s")).say(said("m", " ".join("word" for _ in range(50))))
        while reply.done is None:
            await asyncio.sleep(0.01)
        delta, end = await read(reply)
        assert delta.text == end.text
