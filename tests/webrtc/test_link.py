"""The link: one connection at a time, and none that is left behind."""

from __future__ import annotations

import asyncio

import pytest

from webrtc.link import Link
from webrtc.media import Media


class FakeConnection:
    """Answers an offer and feeds until it is cancelled."""

    candidates_dropped = 2
    heard = 7.0
    state = "connected"

    def __init__(self, refused=None):
        self.tracks = {}
        self.refused = refused
        self.feeds = False
        self.closed = False

    async def answer(self, sdp):
        if self.refused is not None:
            raise self.refused
        return f"answer to {sdp}"

    async def run(self):
        self.feeds = True
        try:
            await asyncio.Event().wait()
        finally:
            self.feeds = False

    async def close(self, session_id):
        self.closed = True


async def turns():
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def link():
    return Link("0a1b", Media(10.0))


async def test_a_new_connection_takes_the_place_of_the_old_one_which_is_freed(link):
    old, new = FakeConnection(), FakeConnection()
    running = asyncio.create_task(link.run())
    await link.take(old, "offer")
    await turns()
    assert old.feeds and not old.closed
    assert await link.take(new, "another offer") == "answer to another offer"
    await turns()
    assert (old.feeds, old.closed) == (False, True) and (new.feeds, new.closed) == (True, False)
    assert link.connection is new and link.candidates_dropped == 4
    link.end()
    await running
    assert not new.feeds and not new.closed
    await link.close()
    assert new.closed


async def test_one_that_cannot_answer_leaves_the_other_as_it_is(link):
    there, refused = FakeConnection(), FakeConnection(ValueError("no offer"))
    running = asyncio.create_task(link.run())
    await link.take(there, "offer")
    with pytest.raises(ValueError):
        await link.take(refused, "no offer")
    await turns()
    assert link.connection is there and there.feeds and refused.closed
    link.end()
    await running


async def test_after_a_loss_there_is_none_since_something_was_heard_last(link):
    connection = FakeConnection()
    running = asyncio.create_task(link.run())
    await link.take(connection, "offer")
    await turns()
    link.lose()
    assert (link.connection, link.state, link.alone_since) == (None, "disconnected", 7.0)
    await turns()
    assert connection.closed
    link.end()
    await running


async def test_one_that_has_ended_before_it_ran_feeds_nothing(link):
    connection = FakeConnection()
    await link.take(connection, "offer")
    link.end()
    await asyncio.wait_for(link.run(), 1)
    assert not connection.feeds
