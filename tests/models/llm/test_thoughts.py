from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.llm.thoughts import Thoughts

TEXTS = st.text(alphabet="<>/think \nab", max_size=40)


def filtered(pieces: list[str]) -> str:
    thoughts = Thoughts()
    return "".join(thoughts.feed(piece) for piece in pieces) + thoughts.end()


@st.composite
def split(draw, text: st.SearchStrategy[str]) -> tuple[str, list[str]]:
    whole = draw(text)
    cuts = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    return whole, [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Hello", "Hello"),
        ("<think>so</think>Hello", "Hello"),
        ("\n<think>\nso\n</think>\n\nHello\n", "Hello\n"),
        ("<think></think>\n<think>more</think> Hello", "Hello"),
        ("<think>no end", ""),
        ("<think>half an end</thin", ""),
        ("<thi", "<thi"),
        ("<thinker> is a word", "<thinker> is a word"),
        ("The tag <think> begins a thought </think>.", "The tag <think> begins a thought </think>."),
        ("", ""),
    ],
)
def test_thoughts_before_an_answer_are_left_out(text, left):
    assert filtered([text]) == left


@given(split(TEXTS | st.builds("{}<think>{}</think>{}".format, st.just("") | st.just(" "), TEXTS, TEXTS)))
def test_it_is_the_same_wherever_the_text_is_split(case):
    whole, pieces = case
    assert filtered(pieces) == filtered([whole])


@given(split(st.builds("<think>{}</think>Hello{}".format, st.text(alphabet="ab< ", max_size=20), TEXTS)))
def test_nothing_of_a_thought_is_let_through_and_nothing_of_an_answer_lost(case):
    whole, pieces = case
    assert filtered(pieces) == whole.partition("</think>")[2]


def test_what_cannot_be_a_tag_is_not_held_back():
    thoughts = Thoughts()
    assert [thoughts.feed(piece) for piece in ("H", "<th", "ink>")] == ["H", "<th", "ink>"]
