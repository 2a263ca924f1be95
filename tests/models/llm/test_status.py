"""What is said of a provider: at once, when it changes, and when it is back."""

from __future__ import annotations

import asyncio

import pytest

from models.llm import answers as answers_module
from models.llm.base import LlmConfig
from tests.models.llm.conftest import KEY, answering, failure
from tests.openai_server import MODEL
from tests.openai_server.saying import saying


async def test_the_status_is_said_at_once_and_then_when_it_changes(line):
    first, second = line.statuses
    assert (first.available, first.code) == (False, None)
    assert (second.available, second.model, second.sends_to) == (True, MODEL, None)
    await line.answered("Hello")
    assert len(line.statuses) == 2


async def test_a_provider_is_asked_again_until_it_is_back(server, monkeypatch):
    monkeypatch.setattr(answers_module, "PROBE_EVERY", 0.05)
    server.behaviour.key = KEY
    async with answering(LlmConfig(base_url=server.url)) as line:
        assert (await line.until(available=False)).code == "chat_wrong_key"
        server.behaviour.key = None
        assert (await line.until(available=True)).model == MODEL


async def test_a_key_that_an_answer_found_wrong_is_not_cleared_by_a_list_for_everybody(server, monkeypatch):
    monkeypatch.setattr(answers_module, "PROBE_EVERY", 0.02)
    async with answering(LlmConfig(base_url=server.url)) as line:
        await line.until(available=True)
        server.behaviour.fails, lists = [401], server.lists
        await failure(line)
        async with asyncio.timeout(5):
            while server.lists < lists + 3:
                await asyncio.sleep(0.01)
        assert line.status.code == "chat_wrong_key"
        assert (await line.answered("Hello")).finish == "complete"
        await line.until(available=True)


async def test_nobody_there_is_told_and_still_tried():
    async with answering(LlmConfig(base_url="http://127.0.0.1:9/v1", model="m")) as line:
        assert (await line.until(available=False)).code == "chat_unreachable"
        assert "127.0.0.1:9" in line.status.reason
        assert (await failure(line)).code == "chat_unreachable"


@pytest.mark.parametrize(("model", "code"), [(None, "chat_no_model"), ("mine", None)])
async def test_a_server_without_a_list_needs_a_models_name(server, model, code):
    server.behaviour.models = None
    async with answering(LlmConfig(base_url=server.url, model=model)) as line:
        status = await line.until(available=model is not None)
        assert status.code == code
        if model is None:
            assert "OPENAI_MODEL" in status.reason
            assert (await failure(line)).code == code and server.served == []
        else:
            assert (await line.answered("Hello")).model == model


async def test_a_model_that_is_not_there_is_named(server):
    async with answering(LlmConfig(base_url=server.url, model="other")) as line:
        assert (await line.until(available=True)).model == "other"
        error = await failure(line)
        assert error.code == "chat_no_model" and "no model other: set OPENAI_MODEL" in error.message


async def test_an_address_without_its_end_is_hinted_at(server):
    async with answering(LlmConfig(base_url=server.url.removesuffix("/v1"))) as line:
        assert "Should OPENAI_API_BASE end in /v1?" in (await line.until(available=False)).reason


async def test_a_question_that_comes_first_waits_for_the_models_name(server):
    async with answering(LlmConfig(base_url=server.url)) as line:
        done = await asyncio.gather(*(line.answered("Hello") for _ in range(5)))
    assert {each.model for each in done} == {MODEL}
    assert server.lists == 1


async def test_a_model_whose_name_is_no_text_is_not_listed():
    listed = r'{"data": [{"id": "half \ud800"}, {"id": 5}, {"id": "whole"}]}'
    with saying(200, listed, "application/json") as url:
        async with answering(LlmConfig(base_url=url)) as line:
            assert (await line.until(available=True)).model == "whole"
