from __future__ import annotations

import math

import httpx2
import openai
import pytest

from models.llm.base import LlmConfig
from models.llm.failure import Failures
from models.llm.place import place_of

KEY = "sk-secret"
REQUEST = httpx2.Request("POST", "http://localhost/v1")


def failures(base_url: str = "https://api.example.org/v1") -> Failures:
    return Failures(place_of(LlmConfig(base_url=base_url)), KEY)


def refused(status: int, message: str = "", code: str | None = None, **headers: str):
    response = httpx2.Response(status, headers=headers, request=REQUEST)
    return openai.APIStatusError(message, response=response, body={"message": message, "code": code})


@pytest.mark.parametrize(
    ("status", "message", "code", "told"),
    [
        (401, "Incorrect API key", None, "chat_wrong_key"),
        (403, "Country not supported", None, "chat_wrong_key"),
        (402, "Insufficient Balance", None, "chat_quota"),
        (429, "You exceeded your current quota", "insufficient_quota", "chat_quota"),
        (429, "Your credit balance is too low", None, "chat_quota"),
        (429, "Rate limit reached", "rate_limit_exceeded", "chat_rate_limited"),
        (404, "The model `x` does not exist", "model_not_found", "chat_no_model"),
        (400, "This model's maximum context length is 10 tokens", None, "chat_too_long"),
        (400, "no", "context_length_exceeded", "chat_too_long"),
        (413, "the request exceeds the available context size", None, "chat_too_long"),
        (400, "Invalid value", None, "chat_refused"),
        (307, "", None, "chat_server_error"),
        (409, "", None, "chat_server_error"),
        (529, "overloaded", None, "chat_server_error"),
    ],
)
def test_refusals_are_told_apart(status, message, code, told):
    assert failures().of(refused(status, message, code), "x").trouble.code == told


@pytest.mark.parametrize(
    ("status", "after", "again"),
    [
        (429, None, 0.0),
        (429, "5", 5.0),
        (429, "6", None),
        (503, "4", 4.0),
        (503, "60", None),
        (500, "inf", None),
        (500, "Wed, 21 Oct 2026 07:28:00 GMT", 0.0),
        (400, None, None),
        (307, None, None),
    ],
)
def test_what_may_pass_is_asked_again_unless_the_wait_is_long(status, after, again):
    headers = {"retry-after": after} if after else {}
    assert failures().of(refused(status, **headers), "x").again == again


def test_a_long_wait_is_said():
    failed = failures().of(refused(429, **{"retry-after": "17"}), "x")
    assert failed.trouble.wait == 17
    assert failures().of(refused(429, **{"retry-after": "inf"}), "x").trouble.wait in (None, math.inf)


@pytest.mark.parametrize(
    ("base_url", "message", "hint"),
    [
        ("http://h", "Not Found", True),
        ("http://h/v1/", "Not Found", False),
        ("http://h", "model 'x' not found", False),
    ],
)
def test_an_address_without_its_end_is_hinted_at_where_the_model_is_not_blamed(base_url, message, hint):
    assert failures(base_url).of(refused(404, message), "x").trouble.no_v1 is hint


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (openai.APIConnectionError(request=REQUEST), "Connection error."),
        (openai.APITimeoutError(request=REQUEST), "no connection in time"),
        (httpx2.ReadError("reset"), "reset"),
        (httpx2.RemoteProtocolError(""), "broke off"),
    ],
)
def test_a_lost_connection_may_come_back(error, said):
    failed = failures().of(error, "x")
    assert failed.trouble.code == "chat_unreachable" and failed.again == 0 and said in failed.trouble.said
    assert "cannot be reached" not in failed.trouble.said  # which is what the code says


@pytest.mark.parametrize("code", [429, "rate_limit"])
def test_an_error_in_a_stream_is_read_like_a_refusal(code):
    told = {429: "chat_rate_limited", "rate_limit": "chat_server_error"}
    assert failures().of_body({"message": "x", "code": code}, "x").trouble.code == told[code]


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 429, 500])
def test_the_key_is_blotted_out(status):
    for before in range(220, 245):  # a cut that came first would leave a part of it
        trouble = failures().of(refused(status, "x" * before + KEY), f"model {KEY}").trouble
        assert "sk-" not in repr(trouble)
