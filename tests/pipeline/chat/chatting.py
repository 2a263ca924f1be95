"""A chat to talk to in a test, and how to talk to it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress

from pipeline.chat.chat import Chat
from pipeline.chat.reply import Said
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
