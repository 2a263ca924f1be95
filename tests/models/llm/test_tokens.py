from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.llm.base import ChatTurn
from models.llm.tokens import A_TURN, estimate, exchanges, fitted, newer_half

TURNS = st.lists(
    st.builds(ChatTurn, role=st.sampled_from(["user", "assistant"]), text=st.text(max_size=60)), max_size=12
).map(lambda turns: (*turns, ChatTurn(role="user", text="the question")))


def said(text: str) -> ChatTurn:
    return ChatTurn(role="user" if text.isupper() else "assistant", text=text)


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("word", 1), ("a word", 2), ("你好吗", 3), ("你好 Mien", 4)]
)
def test_tokens_are_estimated_by_script(text, tokens):
    assert estimate(text) == tokens


def test_what_a_user_says_and_what_is_answered_belong_together():
    assert [[turn.text for turn in each] for each in exchanges(map(said, "aBcDEfg"))] == [
        ["a"],
        ["B", "c"],
        ["D"],
        ["E", "f", "g"],
    ]


@given(TURNS, st.integers(-100, 400))
def test_the_newest_whole_exchanges_fit_and_the_question_is_always_there(turns, room):
    kept = fitted(turns, room)
    assert kept == tuple(turns[len(turns) - len(kept) :]) and kept[-1] is turns[-1]
    assert exchanges(kept) == exchanges(turns)[-len(exchanges(kept)) :]
    cost = sum(estimate(turn.text) + A_TURN for turn in kept)
    assert cost <= room or len(exchanges(kept)) == 1


@given(TURNS)
def test_with_room_enough_nothing_is_left_out(turns):
    assert fitted(turns, 10_000) == tuple(turns)


@given(TURNS)
def test_the_newer_half_ends_with_the_question(turns):
    half = newer_half(turns)
    there = exchanges(turns)
    assert (half is None) is (len(there) == 1)
    if half is not None:
        assert exchanges(half) == there[-(len(there) // 2) :]
