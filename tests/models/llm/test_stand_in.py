"""The stand-in streams as OpenAI and vLLM do: without that, the tests of the chat prove little."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from tests.openai_server import MODEL

HELLO = {"model": MODEL, "messages": [{"role": "user", "content": "Hello there"}], "stream": True}


async def streamed(server, body=HELLO):
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{server.url}/chat/completions", json=body) as response,
    ):
        assert response.status == 200 and response.content_type == "text/event-stream"
        lines = (await response.text()).split("\n\n")
    assert lines[-2:] == ["data: [DONE]", ""]
    return [json.loads(line.removeprefix("data: ")) for line in lines[:-2]]


def text_of(chunks):
    return "".join(each["choices"][0]["delta"].get("content", "") for each in chunks if each["choices"])


async def test_a_stream_has_a_role_then_tokens_then_a_reason(server):
    first, *tokens, last = await streamed(server)
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert text_of(tokens).startswith("You said “Hello there”")
    assert {each["object"] for each in (first, *tokens, last)} == {"chat.completion.chunk"}
    assert last["choices"][0]["delta"] == {} and last["choices"][0]["finish_reason"] == "stop"
    assert server.served[0].first_token_at is not None


async def test_usage_is_told_when_asked_for_in_a_chunk_without_choices(server):
    chunks = await streamed(server, HELLO | {"stream_options": {"include_usage": True}})
    assert chunks[-1]["choices"] == [] and chunks[-1]["usage"]["completion_tokens"] == len(chunks) - 3


@pytest.mark.parametrize(
    "body", [{"stream": False, "stream_options": {"include_usage": True}}, {"model": "other"}]
)
async def test_what_openai_refuses_is_refused(server, body):
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{server.url}/chat/completions", json=HELLO | body) as response,
    ):
        assert response.status in (400, 404) and (await response.json())["error"]["message"]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (["Hi", "Hello", "How many things did I say?"], "You have said 2 things, and I 1."),
        (["Hi", "Hello", "What did I say first?"], "The first thing that I know of is: Hi"),
        (["What do you know about my mood?"], "I was told: a smile"),
        (["你好"], "你说的是“你好”，这是第 1 句。"),
    ],
)
async def test_an_answer_comes_of_what_was_said(server, said, answer):
    roles = ["user", "assistant"] * 2
    messages = [{"role": role, "content": text} for role, text in zip(roles, said, strict=False)]
    messages.insert(0, {"role": "system", "content": "a smile"})
    assert text_of(await streamed(server, HELLO | {"messages": messages})) == answer


async def test_an_answer_is_as_long_as_is_asked_for(server):
    server.behaviour.tokens = 40
    assert len(text_of(await streamed(server)).split()) == 40
    *_, last = await streamed(server, HELLO | {"max_tokens": 5})
    assert last["choices"][0]["finish_reason"] == "length"


async def test_two_hundred_streams_go_at_a_time(server):
    server.behaviour.tokens, server.behaviour.pace = 5, 0.05
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:

        async def read() -> int:
            async with http.post(f"{server.url}/chat/completions", json=HELLO) as response:
                return (await response.text()).count("data: ")

        assert await asyncio.gather(*(read() for _ in range(200))) == [8] * 200
    assert server.most_at_once > 100
