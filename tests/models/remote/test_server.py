from __future__ import annotations

import json
import logging
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from time import monotonic
from types import SimpleNamespace

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import refusal as shared
from models.base import EMOTIONS
from models.refusal import ATTEMPTS
from models.remote.errors import ServerFailed
from models.remote.extras import Extras
from models.remote.server import Server, _first_tokens, _pause
from tests.openai_server import MODEL, OpenAIServer
from tests.openai_server.saying import saying

QUESTION = [{"role": "user", "content": "happy or sad?"}]


@pytest.fixture
def asked(server: OpenAIServer) -> Server:
    asked = Server(server.url, "a-secret-key")
    asked.model = MODEL
    return asked


def ask(asked: Server, within: float = 5.0, **options):
    return asked.ask(QUESTION, most_tokens=16, until=monotonic() + within, **options)


def test_an_answer_comes_with_its_tokens_and_the_count_of_what_was_asked(asked):
    answer = ask(asked, choice=EMOTIONS)
    assert answer.text in EMOTIONS
    assert len(answer.tokens) == 19  # the model's 7 words and 12 others
    assert answer.tokens[0][0] == answer.text and answer.tokens[0][1] < 0
    assert answer.prompt_tokens == len(QUESTION[0]["content"]) // 4


@pytest.mark.parametrize("fault", [408, 409, 429, 500, 502, 503, "drop"])
def test_what_may_pass_is_tried_again(asked, server, fault):
    server.behaviour.fails = [fault] * (ATTEMPTS - 1)
    assert ask(asked).text
    assert len(server.served) == ATTEMPTS


@pytest.mark.parametrize("fault", [429, 500, "drop"])
def test_it_is_tried_no_more_than_so_often(asked, server, fault):
    server.behaviour.fails = [fault] * 10
    with pytest.raises(
        ServerFailed, match="cannot be reached" if fault == "drop" else f"answered {fault}: failing"
    ):
        ask(asked)
    assert len(server.served) == ATTEMPTS


@pytest.mark.parametrize("fault", [400, 401, 403, 404, 413, 422])
def test_what_stays_is_not_tried_again(asked, server, fault):
    server.behaviour.fails = [fault]
    with pytest.raises(ServerFailed, match=f"answered {fault}") as error:
        ask(asked)
    assert len(server.served) == 1
    assert error.value.refused == (fault not in (401, 403))


def test_a_server_is_left_alone_as_long_as_it_asks(asked, server):
    server.behaviour.fails, server.behaviour.retry_after = [429], "0.3"
    began = monotonic()
    assert ask(asked).text
    assert monotonic() - began >= 0.3


@pytest.mark.parametrize("wait", ["3", "100000", "inf"])
def test_it_fails_at_once_when_a_server_asks_for_more_time_than_there_is(asked, server, wait):
    server.behaviour.fails, server.behaviour.retry_after = [429] * 3, wait
    began = monotonic()
    with pytest.raises(ServerFailed, match="answered 429"):
        ask(asked, within=2)
    assert monotonic() - began < 1
    assert len(server.served) == 1


def test_all_attempts_together_end_in_time(asked, server):
    server.behaviour.fails, server.behaviour.delay = [500], 5
    began = monotonic()
    with pytest.raises(ServerFailed, match="did not answer in time"):
        ask(asked, within=0.7)
    assert monotonic() - began < 1.2


def place(token: str, *top: tuple[str, float], logprob: float = -0.1) -> SimpleNamespace:
    likeliest = [SimpleNamespace(token=other, logprob=value) for other, value in top]
    return SimpleNamespace(token=token, logprob=logprob, top_logprobs=likeliest)


def test_the_tokens_are_those_of_the_first_place_with_text_and_hold_the_spoken_one():
    happy = place("happy", ("sad", -2.0))
    for before in (
        [],
        [place("\n"), place("**")],
        [place("<think>"), place("sad"), place("</think>"), place(" ")],
    ):
        assert _first_tokens([*before, happy, place("sad")]) == [("happy", -0.1), ("sad", -2.0)]
    assert _first_tokens([place("happy", ("happy", -0.1))]) == [("happy", -0.1)]
    assert _first_tokens([place("**")]) == _first_tokens([]) == []


def refusal(status: int, **headers: str) -> openai.APIStatusError:
    response = httpx2.Response(status, headers=headers, request=httpx2.Request("POST", "http://localhost"))
    return openai.APIStatusError("", response=response, body=None)


@given(st.integers(1, ATTEMPTS - 1))
def test_pauses_grow_and_differ_by_chance(attempt):
    pauses = {_pause(refusal(503), attempt) for _ in range(20)}
    mean = shared.FIRST_PAUSE * 2 ** (attempt - 1)
    assert len(pauses) > 10
    assert all(0.5 * mean <= pause <= 1.5 * mean for pause in pauses)


def test_a_date_in_retry_after_is_passed_over_and_the_asked_for_seconds_are_the_least():
    assert 0 < _pause(refusal(429, **{"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}), 1) < 1
    assert 0 < _pause(refusal(429, **{"retry-after": "-5"}), 1) < 1
    assert _pause(refusal(429, **{"retry-after": "7"}), 1) > 7


def test_the_key_is_shown_nowhere(server, caplog):
    """Not even when the server says it itself, nor what is in the address."""
    server.behaviour.models = ["a-secret-key"]
    address = server.url.replace("http://", "http://user:pass-word@")
    asked = Server(address, "a-secret-key")
    asked.model = "other a-secret-key"
    with caplog.at_level(logging.INFO), pytest.raises(ServerFailed) as error:
        ask(asked)
    assert "answered 404: The model `other …` does not exist." in str(error.value)
    for before in range(200, 230):  # a cut that came first would leave a part of it
        asked.model = "x" * before + "a-secret-key"
        with pytest.raises(ServerFailed) as cut:
            ask(asked)
        assert "a-s" not in str(cut.value)
    assert "pass-word" not in str(asked) + str(error.value) + caplog.text
    assert "secret" not in str(error.value) + caplog.text + repr(vars(asked).get("_shown"))


def test_long_errors_are_cut_to_a_line(asked, server):
    asked.model = "long\n" * 1000
    with pytest.raises(ServerFailed) as error:
        ask(asked)
    assert len(str(error.value)) < 350 and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<html>Welcome</html>", "text/html"),
        ("{", "application/json"),
        ("{}", "application/json"),
        ("[]", "application/json"),
        ("null", "application/json"),
        (json.dumps({"choices": [{"message": None}]}), "application/json"),
        (json.dumps({"data": [3]}), "application/json"),
    ],
)
def test_a_server_of_another_kind_is_found_out(body, kind):
    with saying(200, body, kind) as url:
        other = Server(url, None)
        for call in (lambda: ask(other), lambda: other.models(monotonic() + 5)):
            with pytest.raises(ServerFailed, match=r"none of the API's; should REMOTE_BASE_URL end in /v1\?"):
                call()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (json.dumps({"object": "error", "message": "older", "code": 400}), "older"),
        (json.dumps({"detail": [{"loc": ["body", "messages"]}]}), "messages"),
        ("plain words", "plain words"),
        ("", "Bad Request"),
    ],
)
def test_errors_of_other_shapes_are_read_too(body, words):
    with (
        saying(400, body, "application/json") as url,
        pytest.raises(ServerFailed, match=f"answered 400: .*{words}"),
    ):
        ask(Server(url, None))


@pytest.mark.parametrize(
    ("refusal", "left"),
    [
        ("Requested sample logprobs of 20, which is greater than 5", Extras(logprobs=5)),
        ("top_logprobs must be at most 5", Extras(logprobs=5)),
        ("Unrecognized request argument supplied: structured_outputs", Extras(choice=False)),
        ("body.structured_outputs: Extra inputs are not permitted", Extras(choice=False)),
        ("At most 0 audio(s) may be provided in one prompt.", None),
        ("maximum context length is 4096 tokens", None),
    ],
)
def test_a_refusal_says_what_to_leave_out(refusal, left):
    assert Extras().without(refusal) == left


def test_refusals_end():
    extras, steps = Extras(), 0
    while (extras := extras.without("structured_outputs and logprobs are not supported")) is not None:
        last, steps = extras, steps + 1
    assert (last, steps) == (Extras(choice=False, logprobs=0), 3)
    assert last.arguments(["happy"]) == {}


def test_what_is_for_this_machine_goes_to_no_proxy(server, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert Server(server.url, None).models(monotonic() + 5) == [MODEL]


def test_a_server_that_sends_elsewhere_is_not_followed(server):
    class Redirecting(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(307)
            self.send_header("Location", f"{server.url}/models")
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Redirecting) as elsewhere:
        thread = Thread(target=elsewhere.serve_forever)
        thread.start()
        with pytest.raises(ServerFailed, match="answered 307"):
            Server(f"http://127.0.0.1:{elsewhere.server_port}/v1", None).models(monotonic() + 5)
        elsewhere.shutdown()
        thread.join()
    assert server.served == []
