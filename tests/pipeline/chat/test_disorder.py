"""What a person, a crash and a stop do to a chat in any order: every message that is taken has one end."""

from __future__ import annotations

import asyncio
import random

import pytest

from models.llm.base import Delta, Done
from pipeline.chat import conversation as conversations
from pipeline.chat.chat import Chat
from pipeline.chat.conversation import ChatRefused
from pipeline.chat.reply import Said
from tests.pipeline.chat.fakes import FakeFigures, FakeHistory, FakeProvider, done

SESSIONS = ("a", "b")
DEEDS = ("say", "say", "say", "say", "say", "stop", "clear", "forget", "cancel")


class Fitful(FakeProvider):
    """Says a few words, at times none, ends late when it is stopped, and fails now and then."""

    def __init__(self, dice):
        super().__init__()
        self.dice = dice

    async def answer(self, turns, *, mood, language, stop=None):
        if self.dice.random() < 0.1:
            raise RuntimeError("a mistake")
        text = ""
        for _ in range(self.dice.randrange(4)):
            stopped = asyncio.ensure_future(stop.wait())
            await asyncio.wait([stopped], timeout=self.dice.choice([0, 0.001, 0.003]))
            stopped.cancel()
            if stop.is_set():
                await asyncio.sleep(self.dice.choice([0, 0.002, 0.005]))
                yield done(text, "stopped")
                return
            text += "x"
            yield Delta(ask_id=1, text="x")
        yield done(text)


class Slow(FakeHistory):
    """Takes its time, each time another."""

    def __init__(self, dice):
        super().__init__()
        self.dice = dice

    async def keep(self, record):
        self.put(record)
        await asyncio.sleep(self.dice.choice([0, 0.001, 0.004]))
        return True

    async def turns(self, session_id):
        await asyncio.sleep(self.dice.choice([0, 0.001, 0.003]))
        return await super().turns(session_id)


class Crowd:
    """Does one thing after the other to a chat, most before the last is done."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.history = Slow(self.dice)
        self.chat = Chat(Fitful(self.dice), self.history, FakeFigures())
        self.tasks, self.readers = [], []
        self.said = 0

    async def act(self):
        deed, session_id = self.dice.choice(DEEDS), self.dice.choice(SESSIONS)
        if deed == "cancel":
            if self.tasks:
                self.dice.choice(self.tasks).cancel()
        else:
            self.tasks.append(asyncio.create_task(getattr(self, deed)(session_id)))
        if self.dice.random() < 0.6:
            await asyncio.sleep(self.dice.choice([0, 0.001, 0.004]))

    async def say(self, session_id):
        conversation = await self.chat.conversation(session_id)
        self.said += 1
        # At times an id that was used before, and may have been cleared since.
        number = self.said if self.dice.random() < 0.8 else self.dice.randrange(self.said)
        try:
            reply = await conversation.say(Said(message_id=f"m{number}", text=f"word{number}"))
        except ChatRefused:
            return
        self.readers.append(asyncio.create_task(self.read(reply)))

    async def read(self, reply):
        return [event async for event in reply.events()]

    async def stop(self, session_id):
        conversation = await self.chat.conversation(session_id)
        conversation.stop(self.dice.choice([None, f"m{self.said}"]))

    async def clear(self, session_id):
        await (await self.chat.conversation(session_id)).clear()

    async def forget(self, session_id):
        self.chat.forget(session_id)

    async def ends(self):
        await asyncio.gather(*self.tasks, return_exceptions=True)
        async with asyncio.timeout(5):
            return await asyncio.gather(*self.readers)


@pytest.fixture(autouse=True)
def no_pace(monkeypatch):
    monkeypatch.setattr(conversations, "PER_SECOND", 1e9)
    monkeypatch.setattr(conversations, "BURST", 10**9)


async def ended(run):
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(25))
async def test_every_message_that_is_taken_has_one_end_and_nothing_is_left_of_what_is_cleared(seed):
    crowd = Crowd(seed)
    run = asyncio.create_task(crowd.chat.run())
    await asyncio.sleep(0)
    for _ in range(40):
        await crowd.act()
    for events in await crowd.ends():
        assert [type(event) for event in events].count(Done) == 1 and isinstance(events[-1], Done)
    for session_id in SESSIONS:
        await crowd.clear(session_id)
    while crowd.chat.waiting:
        await asyncio.sleep(0.005)
    for session_id in SESSIONS:
        assert await crowd.history.turns(session_id) == []
        assert (await crowd.chat.conversation(session_id)).turns == ()
    await ended(run)


@pytest.mark.parametrize("seed", range(25))
async def test_every_message_that_is_taken_has_an_end_also_where_the_server_stops(seed):
    crowd = Crowd(seed)
    run = asyncio.create_task(crowd.chat.run())
    await asyncio.sleep(0)
    for _ in range(20):
        await crowd.act()
    await ended(run)
    for events in await crowd.ends():
        assert isinstance(events[-1], Done)
