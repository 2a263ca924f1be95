"""The talk: accepted, told piece by piece, ended; and nothing of it holds up the channel."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress

from tests.pipeline.chat.fakes import FakeHistory, FakeProvider
from tests.webrtc.services import fake_services
from tests.webrtc.test_outbox import FakeChannel
from webrtc.messages import Chat, ChatClear, ChatStop
from webrtc.outbox import Outbox
from webrtc.talk import MOST_UNREAD, Talk


@asynccontextmanager
async def talking(provider=None, history=None, mood=lambda language: f"calm ({language})"):
    channel, outbox = FakeChannel(), Outbox()
    outbox.open(channel)
    services = fake_services(provider=provider, history=history)
    talk = Talk("0a1b", outbox, services.chat, mood)
    tasks = [asyncio.create_task(services.chat.run()), asyncio.create_task(talk.run())]
    await asyncio.sleep(0)
    try:
        yield talk, channel
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def chat(message_id, text="hello there", **fields):
    return Chat(type="chat", message_id=message_id, text=text, **fields)


async def until(channel, kind, count=1):
    async with asyncio.timeout(5):
        while len(found := [m for m in channel.sent if m["type"] == kind]) < count:
            await asyncio.sleep(0.005)
    return found


def stop(message_id=None):
    return ChatStop(type="chat_stop", message_id=message_id)


async def test_a_message_is_accepted_answered_in_pieces_and_ended():
    async with talking() as (talk, channel):
        talk.hear(chat("m1"))
        (end,) = await until(channel, "chat_done")
        kinds = [message["type"] for message in channel.sent]
        assert kinds[0] == "chat_accepted" and set(kinds[1:-1]) == {"chat_delta"} and kinds[-1] == "chat_done"
        assert "".join(m["text"] for m in channel.sent if m["type"] == "chat_delta") == end["text"]
        assert (end["finish"], end["kept"], end["html"]) == ("complete", True, "<p>echo hello there</p>")


async def test_the_page_is_shown_exactly_what_the_model_is_told_of_the_mood():
    provider = FakeProvider()
    async with talking(provider) as (talk, channel):
        talk.language = "zh"
        talk.hear(chat("m1", mood=True))
        talk.hear(chat("m2"))
        await until(channel, "chat_done", 2)
        first, second = await until(channel, "chat_accepted", 2)
        assert (first["mood"], second["mood"]) == ("calm (zh)", None)
        assert [(mood, language) for _, mood, language in provider.asked] == [
            ("calm (zh)", "zh"),
            (None, "zh"),
        ]


async def test_several_messages_queue_in_order_and_tell_how_many_are_before_them():
    provider = FakeProvider()
    provider.go.clear()
    async with talking(provider) as (talk, channel):
        for n in range(3):
            talk.hear(chat(f"m{n}", f"word{n}"))
        accepted = await until(channel, "chat_accepted", 3)
        assert [message["ahead"] for message in accepted] == [0, 1, 2]
        provider.go.set()
        ends = await until(channel, "chat_done", 3)
        assert [end["text"] for end in ends] == ["echo word0", "echo word1", "echo word2"]


async def test_stop_ends_the_answer_under_way_and_one_that_waits():
    provider = FakeProvider()
    provider.go.clear()
    async with talking(provider) as (talk, channel):
        for n in range(2):
            talk.hear(chat(f"m{n}"))
        await until(channel, "chat_accepted", 2)
        talk.hear(stop("m1"))
        talk.hear(stop())
        ends = await until(channel, "chat_done", 2)
        assert {end["finish"] for end in ends} == {"stopped"}


async def test_a_stop_that_overtakes_its_message_is_remembered():
    provider, history = FakeProvider(), FakeHistory()
    provider.go.clear()
    history.hold = asyncio.Event()
    async with talking(provider, history) as (talk, channel):
        talk.hear(chat("m0"))
        await asyncio.sleep(0.02)
        talk.hear(chat("m1"))
        talk.hear(stop("m1"))
        talk.hear(stop("m0"))
        history.hold.set()
        ends = await until(channel, "chat_done", 2)
        assert {end["finish"] for end in ends} == {"stopped"}


async def test_clear_is_answered_and_says_when_the_history_still_holds_it():
    history = FakeHistory()
    async with talking(history=history) as (talk, channel):
        talk.hear(chat("m1"))
        await until(channel, "chat_done")
        talk.hear(ChatClear(type="chat_clear"))
        assert (await until(channel, "chat_cleared"))[0]["kept"] is False
        history.broken = True
        talk.hear(ChatClear(type="chat_clear"))
        assert (await until(channel, "chat_cleared", 2))[1]["kept"] is True


async def test_a_failed_answer_carries_its_code_and_words():
    provider = FakeProvider()
    provider.fails = ["chat_wrong_key"]
    async with talking(provider) as (talk, channel):
        talk.hear(chat("m1"))
        (end,) = await until(channel, "chat_done")
        assert end["finish"] == "failed"
        assert end["error"] == {"code": "chat_wrong_key", "message": "failed by chat_wrong_key"}


async def test_messages_without_end_are_turned_away_and_named():
    provider, history = FakeProvider(), FakeHistory()
    history.hold = asyncio.Event()
    async with talking(provider, history) as (talk, channel):
        for n in range(MOST_UNREAD + 5):
            talk.hear(chat(f"m{n}"))
        refused = await until(channel, "error")
        assert refused[0]["code"] == "chat_busy" and refused[0]["message_id"] == f"m{MOST_UNREAD}"
        history.hold.set()


async def test_an_id_used_twice_is_refused_under_its_name():
    async with talking() as (talk, channel):
        talk.hear(chat("m1"))
        talk.hear(chat("m1"))
        (refused,) = await until(channel, "error")
        assert (refused["code"], refused["message_id"]) == ("duplicate_message", "m1")
        await until(channel, "chat_done")


async def test_a_conversation_of_a_call_is_kept_as_one():
    history = FakeHistory()
    async with talking(history=history) as (talk, channel):
        talk.hear(chat("m1"))
        await until(channel, "chat_done")
        assert history.records[0].kind == "call"


async def test_a_stop_reaches_a_message_whose_conversation_is_still_being_read():
    provider, history, go = FakeProvider(), FakeHistory(), asyncio.Event()
    provider.go.clear()

    async def turns(session_id):
        await go.wait()
        return []

    history.turns = turns
    async with talking(provider, history) as (talk, channel):
        for count, (message_id, stopped) in enumerate((("m1", "m1"), ("m2", None)), start=1):
            go.clear()
            talk._chat.forget("0a1b")
            talk.hear(chat(message_id))
            await asyncio.sleep(0.01)
            talk.hear(stop(stopped))
            go.set()
            ends = await until(channel, "chat_done", count)
        assert [end["finish"] for end in ends] == ["stopped", "stopped"]


async def test_the_page_is_told_which_messages_a_withheld_mood_does_not_go_with():
    provider = FakeProvider()
    provider.go.clear()
    async with talking(provider) as (talk, channel):
        for n in range(3):
            talk.hear(chat(f"m{n}", mood=True))
        await until(channel, "chat_accepted", 3)
        talk.withhold_mood()
        talk.withhold_mood()
        provider.go.set()
        await until(channel, "chat_done", 3)
        told = [(m["message_id"], m["mood"]) for m in channel.sent if m["type"] == "chat_accepted"]
        assert told[:3] == [(f"m{n}", "calm (en)") for n in range(3)]
        assert told[3:] == [("m1", None), ("m2", None)]


async def test_the_end_of_one_that_waited_is_told_at_once():
    provider = FakeProvider()
    provider.go.clear()
    async with talking(provider) as (talk, channel):
        for n in range(3):
            talk.hear(chat(f"m{n}"))
        await until(channel, "chat_accepted", 3)
        talk.hear(stop("m1"))
        (end,) = await until(channel, "chat_done")
        assert (end["message_id"], end["finish"]) == ("m1", "stopped")
