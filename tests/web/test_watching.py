"""What happens in a call, as events: who may read, how one comes back, and how many there may be."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from tests.web.test_api import error_of
from tests.webrtc.publishing import told
from tests.webrtc.whip.offers import offer
from web.keys import REGISTRY
from webrtc.feed import MAX_WAITING, MOST_READERS
from webrtc.messages import Notice

pytestmark = pytest.mark.usefixtures("without_engines")


@pytest.fixture
async def call(lan, app):
    """A call of ann's, and what it is answered with."""
    async with lan.post("/offer", json={"sdp": offer(), "type": "offer"}) as response:
        answer = await response.json()
    (session,) = app[REGISTRY]
    return session, answer


def path_of(session_id):
    return f"/api/sessions/{session_id}/events"


async def read(http, session, count, **headers):
    """The first events of a call."""
    async with http.get(path_of(session.id), headers=headers) as response:
        assert response.status == 200
        return [event async for event, _ in _counted(told(response), count)]


async def _counted(events, count):
    for number in range(count):
        yield await anext(events), number


def notice(text):
    return Notice(code="test", text=text)


async def test_its_caller_the_operator_and_who_has_its_token_may_read_and_nobody_else(
    call, lan, another, operator, http, tokens
):
    session, _ = call
    token = {"Authorization": f"Bearer {tokens.of(session.id, time.time())}"}
    for asks, headers in ((lan, {}), (operator, {}), (http, {}), (another, token)):
        ((name, data, number),) = await read(asks, session, 1, **headers)
        assert (name, data["session_id"], number) == ("session_status", session.id, None)
    async with another.get(path_of(session.id)) as response:
        assert await error_of(response) == (404, "no_such_session")


async def test_a_call_that_is_over_or_never_was_is_not_there(http, ownership):
    async with http.get(path_of(ownership.call("ann"))) as response:
        assert await error_of(response) == (404, "no_such_session")


async def test_what_happens_is_told_with_a_number_and_who_comes_back_reads_on_from_there(call, lan):
    session, _ = call
    for text in "abc":
        session.outbox.send(notice(text))
    events = await read(lan, session, 2, **{"Last-Event-ID": "1"})
    assert [(name, data["text"], number) for name, data, number in events] == [
        ("notice", "b", "2"),
        ("notice", "c", "3"),
    ]
    for nonsense in ("x", "-1", "1" * 40, "²"):
        ((name, *_),) = await read(lan, session, 1, **{"Last-Event-ID": nonsense.encode().decode("latin-1")})
        assert name == "session_status"


async def test_a_reader_who_was_too_slow_is_told_what_it_missed(call, lan):
    session, _ = call
    async with lan.get(path_of(session.id)) as response:
        events = told(response)
        await anext(events)
        for number in range(MAX_WAITING + 5):
            session.outbox.send(notice(str(number)))
        skipped, first = await anext(events), await anext(events)
    assert skipped == ("skipped", {"count": 5}, None)
    assert (first[1]["text"], first[2]) == ("5", "6")


async def test_the_last_event_says_that_the_call_is_over_and_the_answer_ends(call, lan):
    session, answer = call
    async with lan.get(path_of(session.id)) as response:
        events = told(response)
        await anext(events)
        async with lan.post(f"/api/sessions/{session.id}/leave", json={"token": answer["token"]}):
            rest = [(name, data) async for name, data, _ in events]
    assert [(name, data["code"]) for name, data in rest] == [("session_ended", "left")]


async def test_there_is_room_for_so_many_readers_and_again_when_one_has_gone(call, lan, monkeypatch):
    monkeypatch.setattr("web.events.CHECK", 0.05)
    session, _ = call
    readers = [await lan.get(path_of(session.id)) for _ in range(MOST_READERS)]
    async with lan.get(path_of(session.id)) as response:
        assert await error_of(response) == (503, "too_many_readers") and response.headers["Retry-After"]
    for reader in readers:
        reader.close()
    while session.outbox.feed._readers:
        await asyncio.sleep(0.02)
    async with lan.get(path_of(session.id)) as response:
        assert response.status == 200


async def test_while_nothing_happens_a_comment_keeps_the_connection(call, lan, monkeypatch):
    monkeypatch.setattr("web.events.KEEP_ALIVE", 0.1)
    monkeypatch.setattr("web.events.CHECK", 0.05)
    session, _ = call
    async with lan.get(path_of(session.id)) as response:
        async for line in response.content:
            if line.startswith(b":"):
                break
    assert line == b": still here\n"


async def test_a_reader_that_takes_nothing_any_more_is_let_go(call, lan, monkeypatch):
    monkeypatch.setattr("web.events.STALLED", 0.1)
    session, _ = call

    async def never(self, data):
        await session._leaving.wait()

    async with lan.get(path_of(session.id)) as response:
        await anext(told(response))
        monkeypatch.setattr("aiohttp.web.StreamResponse.write", never)
        session.outbox.send(notice("a"))
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.content.read()
    assert not session.outbox.feed._readers
