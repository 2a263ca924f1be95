"""What was said before is found again in the history, and memory is bounded."""

from __future__ import annotations

import asyncio

from pipeline.chat import chat as chats
from pipeline.chat.conversation import Conversation
from pipeline.history.records import TurnSaid
from tests.pipeline.chat.chatting import answered, chatting, read, said
from tests.pipeline.chat.fakes import FakeFigures, FakeHistory, FakeProvider


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
        chat.forget("s")
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
        chat.forget("s")
        may_end.set()
        assert (await asking).turns == ()


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
        chat.forget("s")
        read_turns = history.turns

        async def late(session_id):
            turns = await read_turns(session_id)
            await go.wait()
            return turns

        history.turns = late
        reading = asyncio.create_task(chat.conversation("s"))
        await asyncio.sleep(0.01)
        chat.forget("s")
        history.records.clear()
        go.set()
        await reading
        assert (await chat.conversation("s")).turns == ()


async def test_what_is_too_old_is_remembered_no_more():
    times, history = [0.0], FakeHistory()
    history.put(TurnSaid(session_id="talk", message_id="0", role="user", text="old", at=100.0))
    chat = chats.Chat(FakeProvider(), history, FakeFigures(), max_age=60.0, clock=lambda: times[0])
    conversation = await chat.conversation("talk")
    for now, texts in ((160.0, ["old"]), (160.1, [])):
        times[0] = now
        chat.age()
        assert [turn.text for turn in conversation.turns] == texts


async def test_what_is_being_answered_is_not_too_old():
    conversation = Conversation("talk", FakeProvider(), FakeHistory(), FakeFigures(), lambda woken: None)
    reply = await conversation.say(said("m1", "new"))
    conversation.age(reply.at + 1)
    assert [turn.text for turn in conversation.turns] == ["new"]
    conversation.end()
    conversation.age(reply.at + 1)
    assert conversation.turns == ()
