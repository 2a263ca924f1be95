"""A conversation: whatever is said, stopped, cleared and goes wrong, in any order, every message comes to one end."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest

from pipeline.chat import conversation as conversations
from pipeline.chat.chat import Chat
from pipeline.chat.conversation import ChatRefused
from pipeline.chat.reply import Said
from pipeline.history.records import TurnSaid, TurnsCleared
from tests.pipeline.chat.fakes import FakeFigures, FakeHistory, FakeProvider

STEPS = 120


async def pause(chance):
    for _ in range(chance.randrange(4)):
        await asyncio.sleep(0)


async def read(reply, ends):
    ends.setdefault(reply.message_id, []).extend([event async for event in reply.events()][-1:])


@pytest.mark.parametrize("seed", range(12))
async def test_every_message_comes_to_one_end_and_nothing_is_kept_after_a_clearing(seed, monkeypatch):
    monkeypatch.setattr(conversations, "BURST", 10_000)
    chance, provider, history, ends = random.Random(seed), FakeProvider(), FakeHistory(), {}
    chat = Chat(provider, history, FakeFigures())
    running = asyncio.create_task(chat.run())
    await asyncio.sleep(0)
    conversation, taken, reading, hasty = await chat.conversation("s"), [], [], []

    async def say(message_id):
        with suppress(ChatRefused):
            reply = await conversation.say(Said(message_id=message_id, text=f"text of {message_id}"))
            taken.append(message_id)
            reading.append(asyncio.ensure_future(read(reply, ends)))

    for step in range(STEPS):
        match chance.randrange(8):
            case 0 | 1 | 2:
                hasty.append(asyncio.ensure_future(say(f"m{step}")))
            case 3:
                conversation.stop(f"m{chance.randrange(step + 1)}" if chance.random() < 0.5 else None)
            case 4:
                provider.crashes = chance.random() < 0.3
            case 5:
                provider.fails = ["chat_unreachable"] * chance.randrange(3)
            case 6 if hasty and chance.random() < 0.3:
                chance.choice(hasty).cancel()
            case 7 if chance.random() < 0.3:
                hasty.append(asyncio.ensure_future(conversation.clear()))
        await pause(chance)
    provider.crashes = False
    await asyncio.gather(*hasty, return_exceptions=True)
    async with asyncio.timeout(5):
        await asyncio.gather(*reading)
    assert {message_id: len(found) for message_id, found in ends.items()} == dict.fromkeys(taken, 1)
    assert not conversation.busy
    await conversation.clear()
    cleared = [at for at, record in enumerate(history.records) if isinstance(record, TurnsCleared)]
    for at in cleared:  # an answer to what was cleared does not come back
        said = {record.message_id for record in history.records[:at] if isinstance(record, TurnSaid)}
        assert not said & {r.message_id for r in history.records[at:] if isinstance(r, TurnSaid)}
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
