"""The feed: everybody reads the same, numbered; who is slow misses some and is told; who comes back reads on."""

from __future__ import annotations

import asyncio

import pytest

from webrtc.feed import KEPT, MAX_WAITING, MOST_READERS, Feed, TooManyReaders
from webrtc.messages import ChatCleared, Error, Notice, SessionEnded

END = SessionEnded(code="left", message="")


def notice(text="a"):
    return Notice(code="test", text=text)


async def read(reader):
    """All that a reader is told of a session that is over: numbers, texts and what was skipped."""
    return [
        (told.number, getattr(told.message, "text", told.message.type), told.skipped)
        async for told in reader.messages()
    ]


async def test_every_reader_is_told_the_same_from_when_it_came_until_the_end():
    feed = Feed()
    first = feed.read()
    feed.tell(notice("a"))
    second = feed.read()
    feed.tell(notice("b"))
    feed.end(END)
    assert await read(first) == [(1, "a", 0), (2, "b", 0), (3, "session_ended", 0)]
    assert await read(second) == [(2, "b", 0), (3, "session_ended", 0)]


async def test_answers_to_a_page_are_not_told():
    feed = Feed()
    reader = feed.read()
    for message in (Error(code="x", message=""), ChatCleared(kept=False), END):
        feed.tell(message)
    feed.end(END)
    assert await read(reader) == [(1, "session_ended", 0)]


async def test_a_reader_is_told_as_soon_as_something_happens():
    feed = Feed()
    reader = feed.read()
    told = asyncio.ensure_future(anext(reader.messages()))
    await asyncio.sleep(0)
    assert not told.done()
    feed.tell(notice("now"))
    assert (await told).message.text == "now"


async def test_a_slow_reader_misses_the_oldest_and_is_told_how_many():
    feed = Feed()
    slow = feed.read()
    for number in range(MAX_WAITING + 7):
        feed.tell(notice(str(number)))
    told = await anext(slow.messages())
    assert (told.number, told.skipped) == (8, 7)


async def test_who_comes_back_reads_on_and_is_told_what_is_no_longer_there():
    feed = Feed()
    for number in range(KEPT + 5):
        feed.tell(notice(str(number + 1)))
    soon, late, never = feed.read(KEPT + 3), feed.read(2), feed.read(10_000)
    feed.end(END)
    assert [number for number, *_ in await read(soon)] == [KEPT + 4, KEPT + 5, KEPT + 6]
    assert (await read(late))[0] == (6, "6", 3)
    assert await read(never) == [(KEPT + 6, "session_ended", 0)], "of another session: reads from now on"


async def test_what_was_withdrawn_is_told_to_nobody_any_more():
    feed = Feed()
    reader = feed.read()
    feed.tell(notice("a"))
    feed.drop("notice")
    again = feed.read(0)
    feed.tell(notice("b"))
    feed.end(END)
    assert await read(reader) == await read(again) == [(2, "b", 1), (3, "session_ended", 0)]


async def test_after_the_end_nothing_is_told_and_who_comes_late_hears_of_the_end():
    feed = Feed()
    feed.end(END)
    feed.end(END)
    feed.tell(notice())
    assert await read(feed.read(0)) == [(1, "session_ended", 0)]
    assert await read(feed.read()) == []


def test_there_is_room_for_so_many_readers_and_again_when_one_has_left():
    feed = Feed()
    readers = [feed.read() for _ in range(MOST_READERS)]
    with pytest.raises(TooManyReaders):
        feed.read()
    feed.leave(readers[0])
    feed.leave(readers[0])
    feed.read()
