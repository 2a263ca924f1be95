from __future__ import annotations

import pytest

from models.llm.base import LlmConfig
from models.llm.health import Health
from models.llm.place import place_of
from models.llm.words import Trouble

UNNAMED = Trouble(code="chat_no_model", host="h")


def health(named: str | None = None) -> Health:
    return Health(place_of(LlmConfig(base_url="http://gpu:1/v1")), named)


def test_nothing_is_known_at_first():
    status = health().status
    assert (status.available, status.code, status.sends_to) == (False, None, "gpu")


def test_the_first_that_is_listed_is_asked_when_none_is_named():
    one = health()
    one.listed(["a", "b"], UNNAMED)
    assert (one.status.available, one.status.model, one.model) == (True, "a", "a")


@pytest.mark.parametrize("listed", [None, [], ["other"]])
def test_a_named_model_need_not_be_listed(listed):
    one = health("mine")
    one.listed(listed, UNNAMED)
    assert (one.status.available, one.status.model) == (True, "mine")


@pytest.mark.parametrize("listed", [None, []])
def test_without_a_list_a_model_must_be_named(listed):
    one = health()
    one.listed(listed, UNNAMED)
    assert (one.status.code, one.trouble) == ("chat_no_model", UNNAMED)


@pytest.mark.parametrize("code", ["chat_wrong_key", "chat_unreachable", "chat_server_error"])
def test_what_kept_the_list_away_is_over_when_it_comes(code):
    one = health("mine")
    one.unlisted(Trouble(code=code, host="h"))
    assert one.status.code == code and one.wants_asking
    one.listed(["mine"], UNNAMED)
    assert one.status.available and one.status.code is None and one.status.reason is None


@pytest.mark.parametrize(
    ("code", "listed", "available"),
    [
        ("chat_wrong_key", ["mine"], False),
        ("chat_quota", ["mine"], False),
        ("chat_no_model", ["other"], False),
        ("chat_no_model", None, False),
        ("chat_no_model", ["mine"], True),
        ("chat_unreachable", ["mine"], True),
    ],
)
def test_a_list_clears_of_an_answers_failure_what_it_can_know(code, listed, available):
    one = health("mine")
    one.listed(["mine"], UNNAMED)
    one.failed(Trouble(code=code, host="h"))
    assert one.status.code == code
    one.listed(listed, UNNAMED)
    assert one.status.available is available
    one.answered()
    assert one.status.available


@pytest.mark.parametrize(
    "code",
    ["chat_too_slow", "chat_rate_limited", "chat_refused", "chat_too_long", "chat_cut_off", "chat_empty"],
)
def test_what_says_nothing_of_the_next_answer_leaves_the_status(code):
    one = health("mine")
    one.listed(["mine"], UNNAMED)
    one.failed(Trouble(code=code, host="h"))
    assert one.status.available
