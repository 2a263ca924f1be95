"""Answers from a server over real HTTP: as they come, and every way in which they may not."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time

import pytest

from models.llm import answer as answer_module
from models.llm import answers as answers_module
from models.llm.base import Delta, Done, LlmConfig, Usage
from tests.models.llm.conftest import KEY, answering, failure
from tests.openai_server import MODEL
from tests.openai_server.conversation import MARKDOWN, prompt_tokens, tokens_of
from tests.openai_server.saying import saying

# --- as it should be -----------------------------------------------------------------------------------------


async def test_an_answer_comes_in_deltas_and_ends_once(line, server):
    done = await line.answered("Show me Markdown")
    assert done.finish == "complete" and done.error is None and done.model == MODEL
    assert '<code class="language-python">' in done.html and "<table>" in done.html
    assert done.usage == Usage(prompt=prompt_tokens(server.requests[-1]), completion=len(tokens_of(MARKDOWN)))
    assert 0 < done.latency.first <= done.latency.total < 5000


async def test_the_first_delta_does_not_wait_and_those_that_follow_are_joined(line, server, monkeypatch):
    monkeypatch.setattr(answer_module, "APART", 3600.0)
    server.behaviour.tokens, server.behaviour.pace = 200, 0.005
    ask_id = line.ask("Hello there")
    first, rest, done = [await line.next(ask_id) for _ in range(3)]
    assert first.text and len(first.text) < len(rest.text)
    assert isinstance(done, Done) and done.text == first.text + rest.text


async def test_deltas_come_while_an_answer_is_under_way_and_fewer_than_tokens(line, server):
    server.behaviour.tokens, server.behaviour.pace = 200, 0.005
    ask_id = line.ask("Hello there")
    deltas = 0
    while isinstance(await line.next(ask_id), Delta):
        deltas += 1
    assert 2 < deltas < 150


async def test_the_model_is_told_the_mood_beside_the_prompt_and_just_before_the_question(line, server):
    await line.answered("Hi", "Hello", "How are you?", mood="Seen: a smile.")
    messages = server.served[-1].body["messages"]
    assert [each["role"] for each in messages] == ["system", "user", "assistant", "system", "user"]
    assert messages[3]["content"] == "Seen: a smile."
    assert not server.served[-1].body.keys() & {"max_tokens", "temperature"}


async def test_a_server_that_wants_one_system_message_is_given_one(line, server):
    server.behaviour.refuses_two_systems = True
    done = await line.answered("What do you know about my mood?", mood="Seen: a smile.")
    assert done.finish == "complete" and done.text.endswith("Seen: a smile.")
    assert [each.status for each in server.served] == [400, 200]
    await line.answered("And now?", mood="Seen: nothing.")
    assert [each.status for each in server.served] == [400, 200, 200]


async def test_a_server_without_stream_options_is_asked_without(line, server):
    server.behaviour.refuses_stream_options = True
    done = await line.answered("Hello")
    assert done.finish == "complete" and done.usage is None


@pytest.mark.parametrize("how", ["thinks", "reasons"])
async def test_thoughts_are_not_part_of_the_answer(line, server, how):
    setattr(server.behaviour, how, True)
    done = await line.answered("Hello")
    assert done.text.startswith("You said") and "think" not in done.html


async def test_the_oldest_turns_are_left_out(server):
    async with answering(
        LlmConfig(base_url=server.url, context_tokens=700, system_prompt="Be kind.")
    ) as line:
        said = [f"{at} {'word ' * 200}" for at in range(9)]
        await line.answered(*said)
    messages = server.served[-1].body["messages"]
    assert messages[0] == {"role": "system", "content": "Be kind."}
    assert [each["content"] for each in messages[1:]] == said[-1:]


@pytest.mark.slow
async def test_a_hundred_answers_come_at_a_time(line, server):
    server.behaviour.tokens, server.behaviour.pace, server.behaviour.delay = 10, 0.03, 1.0
    began = time.monotonic()
    done = await asyncio.gather(*(line.answered(f"Question {at}") for at in range(100)))
    assert all(each.finish == "complete" for each in done)
    assert len({each.text for each in done}) == 100
    assert server.most_at_once > 50
    assert time.monotonic() - began < 10


async def test_a_question_beyond_the_most_at_once_is_turned_away(line, server, monkeypatch):
    monkeypatch.setattr(answers_module, "MOST_AT_ONCE", 1)
    server.behaviour.stalls_after = 1
    first = line.ask("Hello")
    await line.next(first)
    assert (await failure(line)).code == "chat_rate_limited"
    line.stop(first)
    assert (await line.next(first)).finish == "stopped"


# --- its end -------------------------------------------------------------------------------------------------


async def test_a_stopped_answer_ends_at_once_with_what_there_is(line, server):
    server.behaviour.stalls_after = 3
    ask_id = line.ask("Hello")
    text = (await line.next(ask_id)).text
    while len(text.split()) < 3:
        text += (await line.next(ask_id)).text
    began = time.monotonic()
    line.stop(ask_id)
    done = await line.next(ask_id)
    assert (done.finish, done.text, done.error) == ("stopped", text, None)
    assert time.monotonic() - began < 0.5
    assert line.status.available


async def test_an_unknown_answer_is_stopped_without_harm(line):
    line.stop(77)
    assert (await line.answered("Hello")).finish == "complete"


async def test_no_answer_is_longer_than_the_longest(line, server, monkeypatch):
    monkeypatch.setattr(answer_module, "MOST_CHARACTERS", 100)
    server.behaviour.tokens = 1000
    done = await line.answered("Hello")
    assert done.finish == "length" and len(done.text) == 100


async def test_the_servers_own_limit_is_told(line, server):
    server.behaviour.finish = "length"
    assert (await line.answered("Hello")).finish == "length"


async def test_a_stream_without_its_last_word_but_with_a_reason_is_complete(line, server):
    server.behaviour.done = False
    assert (await line.answered("Hello")).finish == "complete"


# --- what goes wrong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [408, 409, 429, 500, 503, "drop"])
async def test_what_may_pass_is_tried_again(line, server, fault):
    server.behaviour.fails = [fault] * 2
    assert (await line.answered("Hello")).finish == "complete"
    assert len(server.served) == 3


@pytest.mark.parametrize(
    ("fault", "code", "tries", "available"),
    [
        (401, "chat_wrong_key", 1, False),
        (403, "chat_wrong_key", 1, False),
        (402, "chat_quota", 1, False),
        (404, "chat_no_model", 1, False),
        (400, "chat_refused", 1, True),
        (422, "chat_refused", 1, True),
        (429, "chat_rate_limited", 3, True),
        (500, "chat_server_error", 3, True),
        (503, "chat_server_error", 3, True),
        ("drop", "chat_unreachable", 3, False),
    ],
)
async def test_each_failure_has_its_code(line, server, fault, code, tries, available):
    server.behaviour.fails = [fault] * tries
    error = await failure(line)
    assert error.code == code and "127.0.0.1" in error.message
    assert len(server.served) == tries
    await asyncio.sleep(0)
    assert line.status.available is available and line.status.code == (None if available else code)


@pytest.mark.parametrize(
    ("switches", "code"),
    [
        ({"quota": True}, "chat_quota"),
        ({"empty": True}, "chat_empty"),
        ({"finish": "content_filter", "empty": True}, "chat_refused"),
        ({"context_length": 10}, "chat_too_long"),
        ({"cuts_after": 2}, "chat_cut_off"),
        ({"error_after": 2}, "chat_cut_off"),
        ({"ends_after": 2}, "chat_cut_off"),
        ({"ends_after": 0}, "chat_cut_off"),
        ({"error_after": 0}, "chat_server_error"),
        ({"cuts_after": 0}, "chat_unreachable"),
    ],
)
async def test_each_end_of_a_stream_has_its_code(line, server, switches, code):
    for name, value in switches.items():
        setattr(server.behaviour, name, value)
    done = await line.answered("Hello")
    assert (done.finish, done.error.code) == ("failed", code)
    assert done.text == ("You said" if 2 in switches.values() else "")
    assert bool(done.html) is bool(done.text)


@pytest.mark.parametrize(("after", "code"), [(0, "chat_too_slow"), (2, "chat_cut_off")])
async def test_a_server_that_stalls_is_not_waited_for(line, server, monkeypatch, after, code):
    monkeypatch.setattr(answer_module, "FIRST_WITHIN", 0.5)
    monkeypatch.setattr(answer_module, "NEXT_WITHIN", 0.2)
    server.behaviour.stalls_after = after
    assert (await failure(line)).code == code
    assert line.status.available


async def test_a_conversation_that_is_too_long_is_asked_again_with_half_of_it(line, server):
    server.behaviour.context_length = 900
    done = await line.answered(*("word " * 200 for _ in range(5)))
    assert done.finish == "complete"
    asked = [len(each.body["messages"]) for each in server.served]
    assert asked == [6, 2]


async def test_a_short_wait_is_obeyed_and_a_long_one_named(line, server):
    server.behaviour.fails, server.behaviour.retry_after = [429], "0.2"
    began = time.monotonic()
    assert (await line.answered("Hello")).finish == "complete"
    assert time.monotonic() - began >= 0.2
    server.behaviour.fails, server.behaviour.retry_after = [429], "17"
    error = await failure(line)
    assert error.code == "chat_rate_limited" and "in 17 s" in error.message
    assert len(server.served) == 3


async def test_words_are_in_the_language_that_is_asked_in(line, server):
    server.behaviour.fails = [401, 401]
    assert "check OPENAI_API_KEY" in (await failure(line)).message
    assert "请检查 OPENAI_API_KEY" in (await failure(line, language="zh")).message


@pytest.mark.parametrize(
    ("body", "kind", "code", "said"),
    [
        ("<html>Welcome</html>", "text/html", "chat_server_error", "none of the API's"),
        ("data: <html>\n\n", "text/event-stream", "chat_server_error", "none of the API's"),
        ("[]", "application/json", "chat_server_error", "none of the API's"),
        ("", "text/event-stream", "chat_cut_off", "broke off"),
        ("data: [DONE]\n\n", "text/event-stream", "chat_empty", "empty"),
        ('{"error": {"message": "not you"}}', "application/json", "chat_server_error", "not you"),
    ],
)
async def test_a_server_of_another_kind_is_found_out(body, kind, code, said):
    with saying(200, body, kind) as url:
        async with answering(LlmConfig(base_url=url, model="x")) as line:
            error = await failure(line)
    assert error.code == code and said in error.message


async def test_a_server_that_does_not_stream_answers_all_the_same():
    choice = {"message": {"role": "assistant", "content": "All at once."}, "finish_reason": "stop"}
    with saying(200, json.dumps({"choices": [choice]}), "application/json") as url:
        async with answering(LlmConfig(base_url=url, model="x")) as line:
            done = await line.answered("Hello")
    assert (done.finish, done.text) == ("complete", "All at once.")


async def test_a_server_that_sends_elsewhere_is_not_followed(server):
    with saying(307, "", "text/plain", Location=f"{server.url}/chat/completions") as url:
        async with answering(LlmConfig(base_url=url, model="x")) as line:
            assert (await failure(line)).code == "chat_server_error"
    assert server.served == []


# --- how the provider is -------------------------------------------------------------------------------------


async def test_the_key_is_shown_nowhere(server, caplog):
    """Not even when the server says it itself."""
    config = LlmConfig(base_url=server.url, api_key=KEY, model=f"other {KEY}")
    with caplog.at_level(logging.DEBUG, "models"):
        async with answering(config) as line:
            await line.until(available=True)
            said = [await failure(line)]
            assert said[0].code == "chat_no_model" and "other …" in said[0].message
            server.behaviour.key = "another"
            for language in ("en", "zh"):
                said.append(await failure(line, language=language))
            assert said[-1].code == "chat_wrong_key"
            said += [status.reason for status in line.statuses]
    assert server.served[0].headers["Authorization"] == f"Bearer {KEY}"
    assert "secret" not in f"{said} {caplog.text} {LlmConfig(api_key=KEY)}"


async def test_what_can_be_no_key_is_not_sent(server):
    async with answering(LlmConfig(base_url=server.url, api_key="schlüssel", model="x")) as line:
        assert (await line.until(available=False)).code == "chat_wrong_key"
        error = await failure(line)
    assert error.code == "chat_wrong_key" and "schl" not in error.message
    assert server.served == [] and server.lists == 0


async def test_a_password_in_the_address_is_shown_nowhere(server, caplog):
    config = LlmConfig(base_url=server.url.replace("http://", "http://user:pass-word@"), model="other")
    with caplog.at_level(logging.DEBUG, "models"):
        async with answering(config) as line:
            await line.until(available=True)
            said = [await failure(line), *line.statuses]
    assert "pass-word" not in f"{said} {caplog.text} {config!r}"


async def test_the_end_of_the_line_ends_what_is_under_way(server):
    server.behaviour.stalls_after = 1
    async with answering(LlmConfig(base_url=server.url)) as line:
        await line.next(line.ask("Hello"))
        began = time.monotonic()
    assert time.monotonic() - began < 1


async def test_a_long_answer_is_rendered_too(line, server):
    server.behaviour.says = "**word** " * 2500
    assert (await line.answered("Hello")).html.count("<strong>") == 2500


async def test_while_an_answer_is_rendered_others_go_on(line, monkeypatch):
    may_end, rendered = threading.Event(), []

    def html(_self, text):
        if "slow" in text:
            may_end.wait(1)
        rendered.append(text)
        return ""

    monkeypatch.setattr("models.llm.answers.Markdown.html", html)
    slow = line.ask("slow")
    await asyncio.sleep(0.1)
    quick = await line.answered("quick")
    assert rendered == [quick.text]
    may_end.set()
    await line.done(slow)


async def test_a_stop_that_comes_right_behind_its_question_is_heeded(line, server):
    server.behaviour.tokens, server.behaviour.pace = 200, 0.01
    ask_id = line.ask("Hello there")
    line.stop(ask_id)
    assert (await line.done(ask_id)).finish == "stopped"
