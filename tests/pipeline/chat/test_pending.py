from __future__ import annotations

import asyncio

import pytest

from models.llm.base import ChatLatency, Delta, Done
from pipeline.chat.pending import Pending


def delta(text: str) -> Delta:
    return Delta(ask_id=1, text=text)


def done(text: str) -> Done:
    latency = ChatLatency(first=1.0, total=2.0)
    return Done(
        ask_id=1, text=text, html="", finish="complete", error=None, model=None, latency=latency, usage=None
    )


async def test_what_a_slow_reader_has_not_taken_is_joined_and_comes_before_the_end():
    pending = Pending(1, "en")
    for text in ("a", "b", "c"):
        pending.add(delta(text))
    assert await pending.next() == delta("abc")
    pending.add(delta("d"))
    pending.finish(done("abcd"))
    assert await pending.next() == delta("d")
    assert await pending.next() == done("abcd")


async def test_a_reader_is_woken():
    pending = Pending(1, "en")
    waiting = asyncio.create_task(pending.next())
    await asyncio.sleep(0)
    assert not waiting.done()
    pending.add(delta("a"))
    assert await waiting == delta("a")


async def test_the_first_end_counts():
    pending = Pending(1, "en")
    pending.finish(done("first"))
    pending.end("stopped")
    assert (await pending.next()).text == "first"


@pytest.mark.parametrize(("language", "said"), [("en", "ask again"), ("zh", "再问一次")])
async def test_an_end_here_holds_the_text_so_far_as_plain_text(language, said):
    pending = Pending(1, language)
    pending.add(delta("<b>one</b>\ntwo\n\n**three**"))
    pending.end("failed", "chat_restarted")
    await pending.next()
    end = await pending.next()
    assert end.text == "<b>one</b>\ntwo\n\n**three**"
    assert end.html == "<p>&lt;b&gt;one&lt;/b&gt;<br>two</p><p>**three**</p>"
    assert end.error.code == "chat_restarted" and said in end.error.message
    assert end.latency.first is not None and pending.over
