"""The chat: messages are answered in order, kept, stopped, cleared, and found again."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest

from models.llm.base import ChatTurn, Delta
from pipeline.chat import chat as chats
from pipeline.chat.chat import Chat
from pipeline.chat.conversation import BURST, MOST_TURNS, MOST_WAITING, ChatRefused
from pipeline.chat.pace import Pace
from pipeline.chat.reply import Said
from pipeline.history.records import SessionBegan, TurnSaid, TurnsCleared
from tests.pipeline.chat.fakes import FakeFigures, FakeHistory, FakeProvider


@asynccontextmanager
async def chatting(provider=None, history=None):
    chat = Chat(provider or FakeProvider(), history or FakeHistory(), FakeFigures())
    task = asyncio.create_task(chat.run())
    await asyncio.sleep(0)
    try:
        yield chat
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def said(message_id, text="hello there", mood=None):
    return Said(message_id=message_id, text=text, mood=mood)


async def read(reply):
    async with asyncio.timeout(5):
        return [event async for event in reply.events()]


async def answered(conversation, message_id, text="hello there", mood=None):
    return (await read(await conversation.say(said(message_id, text, mood))))[-1]


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


async def test_a_conversation_is_found_again_in_the_history(monkeypatch):
    provider, history = FakeProvider(), FakeHistory()
    async with chatting(provider, history) as chat:
        await answered(await chat.conversation("s"), "m1", "remember me")
    async with chatting(provider, history) as chat:
        conversation = await chat.conversation("s")
        assert [turn.text for turn in conversation.turns] == ["remember me", "echo remember me"]
        await answered(conversation, "m2", "who am I?")
        assert provider.asked[-1][0][0].text == "remember me"


async def test_a_history_that_fails_costs_the_memory_and_not_the_answer():
    history = FakeHistory()
    history.broken = True
    async with chatting(history=history) as chat:
        reply = await (await chat.conversation("s")).say(said("m1"))
        assert not reply.kept
        assert (await read(reply))[-1].text == "echo hello there" and not reply.answer_kept


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
        assert (await answered(conversation, "m1")).finish == "stopped"
        provider.crashes = False
        assert (await answered(conversation, "m2")).finish == "complete"


async def test_memory_is_bounded_and_busy_conversations_stay(monkeypatch):
    monkeypatch.setattr(chats, "MOST_CONVERSATIONS", 3)
    provider = FakeProvider()
    async with chatting(provider) as chat:
        provider.go.clear()
        reply = await (await chat.conversation("busy")).say(said("m"))
        for n in range(10):
            await chat.conversation(f"s{n}")
        assert len(chat._conversations) == 3 and "busy" in chat._conversations
        provider.go.set()
        await read(reply)
        assert not chat._loading


async def test_forgetting_a_conversation_stops_it():
    provider = FakeProvider()
    async with chatting(provider) as chat:
        provider.go.clear()
        reply = await (await chat.conversation("s")).say(said("m"))
        await asyncio.sleep(0.01)
        await chat.forget("s")
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
        assert (await read(reply))[-1].finish == "stopped"


async def test_pieces_that_are_not_read_in_time_become_one():
    async with chatting() as chat:
        reply = await (await chat.conversation("s")).say(said("m", " ".join("word" for _ in range(50))))
        while reply.done is None:
            await asyncio.sleep(0.01)
        delta, end = await read(reply)
        assert delta.text == end.text


def test_answers_that_overlapped_are_read_in_pairs():
    from pipeline.chat.conversation import paired

    turns = [
        TurnSaid(session_id="s", message_id=message_id, role=role, text="", at=0.0)
        for message_id, role in (("1", "user"), ("2", "user"), ("1", "assistant"), ("2", "assistant"))
    ]
    assert [(turn.message_id, turn.role) for turn in paired(turns)] == [
        ("1", "user"), ("1", "assistant"), ("2", "user"), ("2", "assistant"),
    ]  # fmt: skip


async def test_what_was_read_of_a_conversation_before_it_was_forgotten_is_read_again():
    history = FakeHistory()
    async with chatting(history=history) as chat:
        await answered(await chat.conversation("s"), "m1")
        await chat.forget("s")
        reading, may_end, turns = asyncio.Event(), asyncio.Event(), history.turns

        async def slow(session_id):
            found = await turns(session_id)
            reading.set()
            await may_end.wait()
            return found

        history.turns = slow
        asking = asyncio.create_task(chat.conversation("s"))
        await reading.wait()
        history.records.clear()
        await chat.forget("s")
        may_end.set()
        assert (await asking).turns == ()


async def test_what_waits_when_the_server_stops_is_ended_too():
    provider = FakeProvider()
    provider.go.clear()
    async with chatting(provider) as chat:
        conversation = await chat.conversation("s")
        replies = [await conversation.say(said(f"m{n}")) for n in range(3)]
        await asyncio.sleep(0.01)
    assert [(await read(reply))[-1].finish for reply in replies] == ["stopped"] * 3


async def test_a_session_that_is_forgotten_while_an_answer_ends_is_answered_when_it_begins_anew():
    history = FakeHistory()
    async with chatting(history=history) as chat:
        first = await (await chat.conversation("s")).say(said("m1"))
        history.hold = asyncio.Event()
        await asyncio.sleep(0.01)  # the answer is there, and waits to be kept
        await chat.forget("s")
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


async def test_what_could_not_be_read_is_read_later_and_stands_before_what_was_said_since():
    history = FakeHistory()
    async with chatting(history=history) as chat:
        await answered(await chat.conversation("s"), "m1", "before")
    history.broken = True
    async with chatting(history=history) as chat:
        conversation = await chat.conversation("s")
        assert conversation.turns == ()
        history.broken = False
        await answered(conversation, "m2", "since")
        texts = [turn.text for turn in (await chat.conversation("s")).turns]
        assert texts == ["before", "echo before", "since", "echo since"]


async def test_a_history_that_does_not_answer_holds_nobody_up_for_long(monkeypatch):
    monkeypatch.setattr(chats, "RECALL", 0.05)
    history = FakeHistory()

    async def turns(session_id):
        await asyncio.Event().wait()

    history.turns = turns
    async with chatting(history=history) as chat, asyncio.timeout(2):
        assert (await answered(await chat.conversation("s"), "m1")).finish == "complete"


async def test_what_is_forgotten_while_it_is_read_does_not_come_back():
    history, go = FakeHistory(), asyncio.Event()
    async with chatting(history=history) as chat:
        await answered(await chat.conversation("s"), "m1")
        await chat.forget("s")
        read_turns = history.turns

        async def late(session_id):
            turns = await read_turns(session_id)
            await go.wait()
            return turns

        history.turns = late
        reading = asyncio.create_task(chat.conversation("s"))
        await asyncio.sleep(0.01)
        await chat.forget("s")
        history.records.clear()
        go.set()
        await reading
        assert (await chat.conversation("s")).turns == ()
