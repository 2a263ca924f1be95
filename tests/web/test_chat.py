"""The chat over HTTP: answers whole and streamed, conversations with and without a call, and what is refused."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from models.llm.base import LlmError
from pipeline.history.records import SessionBegan
from tests.web.test_api import error_of
from tests.web.test_sessions import bearer, call  # noqa: F401
from web.limits import Limits
from web.ownership import is_call
from web.rates import Rate

ENDED = "0a1b2c3d4e5f0a1b2c3d4e5f"

pytestmark = pytest.mark.usefixtures("without_engines")


@pytest.fixture
def ended(history):
    """A call that is over."""
    history.put(SessionBegan(session_id=ENDED, kind="call", at=1.8e9))


async def said(http, **body):
    async with http.post("/api/chat", json=body) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def test_a_message_is_answered_and_begins_a_conversation(http):
    answer = await said(http, message="hello")
    assert (answer["response"], answer["finish"], answer["model"]) == ("You said hello", "complete", "echo")
    assert answer["api_available"] and answer["error"] is None and answer["kept"]
    assert answer["usage"] == {"prompt": 3, "completion": 4}
    assert answer["session_id"].startswith("chat_")


async def test_a_conversation_goes_on_under_its_id_and_is_read_back(http):
    first = await said(http, message="one", session_id="my-own_id")
    await said(http, message="two", session_id="my-own_id")
    async with http.get("/api/chat/history?session_id=my-own_id") as response:
        told = await response.json()
    assert (told["session_id"], told["count"]) == ("my-own_id", 4)
    assert [turn["role"] for turn in told["history"]] == ["user", "assistant"] * 2
    assert told["history"][0]["message_id"] == first["message_id"]


async def test_the_history_without_an_id_or_of_an_unknown_one_is_empty(http):
    for query, session_id in (("", None), ("?session_id=unknown", "unknown")):
        async with http.get(f"/api/chat/history{query}") as response:
            assert await response.json() == {"session_id": session_id, "history": [], "count": 0}


async def test_a_conversation_is_cleared(http, history):
    await said(http, message="secret", session_id="mine")
    async with http.post("/api/chat/clear", json={"session_id": "mine"}) as response:
        assert await response.json() == {"success": True, "session_id": "mine", "kept": False}
    async with http.get("/api/chat/history?session_id=mine") as response:
        assert (await response.json())["count"] == 0
    history.broken = True
    async with http.post("/api/chat/clear", json={"session_id": "mine"}) as response:
        assert await response.json() == {"success": False, "session_id": "mine", "kept": True}


@pytest.mark.parametrize(("code", "available"), [("chat_unreachable", False), ("chat_refused", True)])
async def test_a_provider_that_gives_no_answer_is_a_success_without_one(http, chat, code, available):
    chat.error = LlmError(code=code, message="There is no answer.")
    answer = await said(http, message="hello")
    assert (answer["response"], answer["html"], answer["api_available"]) == (None, None, available)
    assert answer["error"] == {"code": code, "message": "There is no answer."}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"message": ""},
        {"message": "  \n"},
        {"message": "x" * 8001},
        {"message": 1},
        {"message": "x", "session_id": "a.b"},
        {"message": "x", "session_id": ""},
        {"message": "x", "session_id": "x" * 65},
        {"message": "x", "stream": "yes"},
        {"message": "x", "language": "fr"},
    ],
)
async def test_a_message_that_is_not_as_it_should_be_is_refused(http, body):
    async with http.post("/api/chat", json=body) as response:
        assert await error_of(response) == (400, "bad_request")


async def test_a_busy_conversation_is_told_to_wait(http, chat):
    chat.busy = True
    async with http.post("/api/chat", json={"message": "x"}) as response:
        assert response.headers["Retry-After"]
        assert await error_of(response) == (429, "chat_busy")


def events_of(text):
    for block in text.strip().split("\n\n"):
        if not block.startswith(":"):
            event, data = block.split("\n")
            yield event.removeprefix("event: "), json.loads(data.removeprefix("data: "))


@pytest.mark.parametrize(("more", "headers"), [({"stream": True}, {}), ({}, {"Accept": "text/event-stream"})])
async def test_an_answer_comes_as_it_is_written_where_that_is_asked_for(http, more, headers):
    async with http.post("/api/chat", json={"message": "hello"} | more, headers=headers) as response:
        assert response.content_type == "text/event-stream"
        events = list(events_of(await response.text()))
    names = [name for name, _ in events]
    assert names == ["accepted", "delta", "delta", "delta", "done"]
    assert len({data["message_id"] for _, data in events}) == 1
    assert "".join(data["text"] for name, data in events if name == "delta").strip() == "You said hello"
    assert events[-1][1]["type"] == "chat_done" and events[-1][1]["html"] == "<p>You said hello</p>"


async def test_silence_is_filled_with_comments(http, chat, monkeypatch):
    monkeypatch.setattr("web.events.KEEP_ALIVE", 0.0)
    monkeypatch.setattr("web.events.CHECK", 0.02)
    chat.may_go_on.clear()
    async with http.post("/api/chat", json={"message": "hello", "stream": True}) as response:
        async with asyncio.timeout(10):
            while await response.content.readline() != b": still here\n":
                pass
        chat.may_go_on.set()
        assert [name for name, _ in events_of((await response.text()).lstrip())][-1] == "done"


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_for_somebody_who_has_gone_is_stopped(http, chat, monkeypatch, stream):
    monkeypatch.setattr("web.events.CHECK", 0.02)
    monkeypatch.setattr("web.presence.CHECK", 0.02)
    chat.may_go_on.clear()
    body = {"message": "hello", "session_id": "mine", "stream": stream}
    asking = asyncio.create_task(http.post("/api/chat", json=body).__aenter__())
    async with asyncio.timeout(10):
        while not chat.conversations or not chat.conversations["mine"].said:
            await asyncio.sleep(0.01)
        if stream:
            (await asking).close()
        else:
            asking.cancel()
        await chat.conversations["mine"].stopped.wait()


async def test_a_calls_conversation_needs_its_token_from_the_network(lan, tokens, ended):
    asked = {"message": "x", "session_id": ENDED}
    for body in (asked, asked | {"token": "guessed"}, asked | {"token": tokens.of("other", time.time())}):
        async with lan.post("/api/chat", json=body) as response:
            assert await error_of(response) == (404, "no_such_session")
    async with lan.post("/api/chat/clear", json={"session_id": ENDED}) as response:
        assert await error_of(response) == (404, "no_such_session")
    async with lan.get(f"/api/chat/history?session_id={ENDED}") as response:
        assert await error_of(response) == (404, "no_such_session")
    await said(lan, **asked, token=tokens.of(ENDED, time.time()))
    async with lan.get(
        f"/api/chat/history?session_id={ENDED}", headers=bearer(tokens.of(ENDED, time.time()))
    ) as response:
        assert (await response.json())["count"] == 2


async def test_a_call_that_goes_on_is_guarded_too(lan, call, history):  # noqa: F811
    history.broken = True
    async with lan.post("/api/chat", json={"message": "x", "session_id": call["session_id"]}) as response:
        assert await error_of(response) == (404, "no_such_session")


async def test_a_conversation_without_a_call_needs_no_token_and_no_history(lan, history):
    history.broken = True
    begun = await said(lan, message="one")
    await said(lan, message="two", session_id=begun["session_id"])


async def test_what_a_caller_names_is_another_conversation_than_what_others_call_so(http, lan, another, chat):
    for asker in (http, lan, another):
        assert (await said(asker, message="one", session_id="notes"))["session_id"] == "notes"
    assert len(chat.conversations) == 3 and "notes" in chat.conversations
    for asker in (http, lan, another):
        await said(asker, message="two", session_id="notes")
        async with asker.get("/api/chat/history?session_id=notes") as response:
            assert (await response.json())["count"] == 4
    begun = await said(lan, message="mine")
    async with another.get(f"/api/chat/history?session_id={begun['session_id']}") as response:
        assert (await response.json())["history"] == []
    async with lan.get(f"/api/chat/history?session_id={begun['session_id']}") as response:
        assert (await response.json())["count"] == 2


async def test_the_id_of_a_call_has_the_form_that_is_guarded(call):  # noqa: F811
    assert is_call(call["session_id"])


class TestWithLittlePatience:
    @pytest.fixture
    def limits(self):
        return Limits(messages=Rate(per_second=0.1, burst=2))

    async def test_messages_are_limited_by_address(self, http):
        for session_id in ("a", "b"):
            await said(http, message="x", session_id=session_id)
        async with http.post("/api/chat", json={"message": "x"}) as response:
            assert await error_of(response) == (429, "rate_limited")


async def test_what_is_said_with_a_token_or_in_a_call_is_kept_as_a_calls(http, lan, chat, tokens, call):  # noqa: F811
    await said(lan, message="x", session_id=ENDED, token=tokens.of(ENDED, time.time()))
    await said(http, message="x", session_id=call["session_id"])
    await said(lan, message="x", session_id="mine")
    kinds = [each.said[0].kind for each in chat.conversations.values()]
    assert list(chat.conversations)[:2] == [ENDED, call["session_id"]]
    assert kinds == ["call", "call", "chat"]
