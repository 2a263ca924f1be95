"""The provider as the server sees it: a real process, over real pipes, asking a real HTTP server."""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import sys
import time
from contextlib import aclosing, asynccontextmanager, suppress

import pytest
import pytest_asyncio

from models.llm.base import ChatTurn, Delta, LlmConfig
from pipeline.chat import provider as provider_module
from pipeline.chat.provider import Provider
from tests.openai_server import MODEL, OpenAIServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = "sk-very-secret-0123456789"
QUESTION = [ChatTurn(role="user", text="Hello there")]


@pytest.fixture(scope="module")
def shared():
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def server(shared):
    """One server for all of these, each time as it should be."""
    shared.behaviour = type(shared.behaviour)()
    shared.served.clear()
    return shared


@asynccontextmanager
async def running(config, *command):
    provider = Provider(config, *command)
    task = asyncio.create_task(provider.run())
    try:
        yield provider
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kept(shared):
    async with running(LlmConfig(base_url=shared.url)) as provider:
        yield provider


@pytest_asyncio.fixture(loop_scope="module")
async def provider(kept, server):
    """One process for all of these: it takes half a second of a core to start."""
    await until(lambda: kept.status.available)
    return kept


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def answered(provider, turns=QUESTION, *, mood=None, language="en", stop=None):
    """The end of an answer, whose deltas make up its text."""
    text = ""
    async with (
        asyncio.timeout(15),
        aclosing(provider.answer(turns, mood=mood, language=language, stop=stop)) as answer,
    ):
        async for item in answer:
            if isinstance(item, Delta):
                text += item.text
    assert item.text == text
    return item


@pytest.mark.slow
async def test_an_answer_comes_from_another_process(provider, server):
    assert (provider.status.model, provider.status.sends_to) == (MODEL, None)
    assert provider.pid not in (None, os.getpid())
    done = await answered(provider, mood="Seen: a smile.")
    assert done.finish == "complete" and done.html.startswith("<p>You said")
    assert done.usage is not None and done.model == MODEL
    assert provider.under_way == 0


@pytest.mark.slow
async def test_the_first_word_is_handed_on_within_milliseconds(provider, server):
    server.behaviour.pace = 0.005
    took = []
    for _ in range(20):
        first = None
        async with aclosing(provider.answer(QUESTION, mood=None, language="en")) as answer:
            async for _ in answer:
                first = first or time.monotonic()
        took.append(first - server.served[-1].first_token_at)
    assert statistics.median(took) < 0.020


async def test_a_hundred_answers_come_at_a_time(provider, server):
    server.behaviour.tokens, server.behaviour.pace = 10, 0.02
    turns = [[ChatTurn(role="user", text=f"Question {at}")] for at in range(100)]
    done = await asyncio.gather(*(answered(provider, each) for each in turns))
    assert all(each.finish == "complete" for each in done)
    assert len({each.text for each in done}) == 100


async def test_a_slow_reader_loses_nothing(provider, server):
    server.behaviour.tokens = 300
    server.behaviour.pace = 0.001
    items = []
    async with aclosing(provider.answer(QUESTION, mood=None, language="en")) as answer:
        async for item in answer:
            items.append(item)
            await asyncio.sleep(0.2)
    assert "".join(item.text for item in items[:-1]) == items[-1].text
    assert len(items[-1].text.split()) == 300 and len(items) < 10


async def test_an_answer_that_is_stopped_still_has_its_end(provider, server):
    server.behaviour.stalls_after = 2
    stop, items = asyncio.Event(), []
    async with (
        asyncio.timeout(5),
        aclosing(provider.answer(QUESTION, mood=None, language="en", stop=stop)) as answer,
    ):
        async for item in answer:
            items.append(item)
            stop.set()
    assert (items[-1].finish, items[-1].error) == ("stopped", None)
    assert items[-1].text.startswith("You")


async def test_an_answer_that_nobody_reads_any_more_is_stopped(provider, server):
    server.behaviour.stalls_after = 1
    async with aclosing(provider.answer(QUESTION, mood=None, language="en")) as answer:
        await anext(answer)
        assert server.under_way == 1
    await until(lambda: server.under_way == 0)
    assert provider.under_way == 0


@pytest.mark.slow
async def test_a_process_that_dies_ends_the_answer_and_the_next_one_answers(provider, server):
    server.behaviour.stalls_after = 2
    first, restarts, text = provider.pid, provider.restarts, ""
    async with asyncio.timeout(10), aclosing(provider.answer(QUESTION, mood=None, language="en")) as answer:
        async for item in answer:
            if isinstance(item, Delta):
                text += item.text
                if len(text.split()) == 2:
                    os.kill(first, signal.SIGKILL)
    assert (item.finish, item.error.code, item.text) == ("failed", "chat_restarted", "You said")
    assert item.html == "<p>You said</p>"
    assert not provider.status.available and provider.status.code == "chat_restarted"
    server.behaviour.stalls_after = None
    assert (await answered(provider)).finish == "complete"  # it waits for the new process
    assert provider.restarts == restarts + 1 and provider.pid != first
    await until(lambda: provider.status.available)


async def test_a_question_that_comes_before_the_process_waits_for_it(server):
    async with running(LlmConfig(base_url=server.url)) as provider:
        assert (provider.status.available, provider.status.code) == (False, None)
        assert (await answered(provider)).finish == "complete"


async def test_a_question_without_a_process_ends_after_a_while_or_when_it_is_stopped(monkeypatch):
    monkeypatch.setattr(provider_module, "UP_WITHIN", 0.1)
    provider, stop = Provider(LlmConfig(base_url="http://127.0.0.1:9/v1")), asyncio.Event()
    done = await answered(provider, language="zh")
    assert done.error.code == "chat_restarted" and "再问一次" in done.error.message
    stop.set()
    assert (await answered(provider, stop=stop)).finish == "stopped"


async def test_a_process_that_takes_no_notice_of_a_stop_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(provider_module, "STOPPED_WITHIN", 0.1)
    deaf = "import sys; from models.llm.base import LlmStatus; from models.pipes import pack\n"
    deaf += "sys.stdout.buffer.write(pack(LlmStatus(available=True))); sys.stdout.flush(); sys.stdin.buffer.read()"
    stop = asyncio.Event()
    async with running(LlmConfig(base_url="http://127.0.0.1:9/v1"), (sys.executable, "-c", deaf)) as provider:
        await until(lambda: provider.status.available)
        asyncio.get_running_loop().call_later(0.05, stop.set)
        assert (await answered(provider, stop=stop)).finish == "stopped"


@pytest.mark.slow
async def test_the_end_of_the_server_ends_what_is_under_way(server):
    server.behaviour.stalls_after = 1
    async with running(LlmConfig(base_url=server.url)) as provider:
        answer = provider.answer(QUESTION, mood=None, language="en")
        await anext(answer)
    async with aclosing(answer):
        assert (await anext(answer)).error.code == "chat_restarted"


@pytest.mark.parametrize(
    "config", [LlmConfig(), LlmConfig(base_url="https://api.openai.com/v1", model="gpt-x")]
)
async def test_without_a_key_or_an_address_there_is_no_process(config):
    async with running(config, ("/no/such/program",)) as provider:
        await asyncio.sleep(0.05)
        assert provider.pid is None and provider.restarts == 0
        assert (provider.status.code, provider.status.sends_to) == ("chat_no_key", None)
        assert "OPENAI_API_KEY" in provider.status.reason
        done = await answered(provider)
        assert done.error.code == "chat_no_key" and done.text == done.html == ""


async def test_a_long_conversation_is_not_sent_whole():
    provider = Provider(LlmConfig(context_tokens=500))
    turns = [ChatTurn(role="user", text="x" * 1000) for _ in range(50)]
    assert len(provider._newest(turns)) == 2
    assert len(provider._newest([ChatTurn(role="user", text="x" * 10_000)])) == 1


@pytest.mark.slow
async def test_only_the_settings_decide_whom_to_ask_and_with_what(server, monkeypatch, capfd):
    for name, value in {
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "OPENAI_API_KEY": "sk-other",
        "OPENAI_ORG_ID": "org",
        "OPENAI_PROJECT_ID": "project",
        "OPENAI_CUSTOM_HEADERS": "X-Other: yes",
        "OPENAI_LOG": "debug",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    async with running(LlmConfig(base_url=server.url, api_key=KEY)) as provider:
        assert (await answered(provider)).finish == "complete"
        assert KEY not in repr(provider.status)
    headers = {name.lower(): value for name, value in server.served[-1].headers.items()}
    assert headers["authorization"] == f"Bearer {KEY}"
    assert not headers.keys() & {"openai-organization", "openai-project", "x-other"}
    said = capfd.readouterr()
    assert KEY not in said.err + said.out and "Hello there" not in said.err + said.out
