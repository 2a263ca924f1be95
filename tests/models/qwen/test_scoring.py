from __future__ import annotations

import math

import pytest

from models.base import EMOTIONS, EngineFailed
from models.qwen.scoring import LONGEST, description, first_sentence, likeliest, probabilities, readable


class Letters:
    """A chat whose tokens are letters."""

    ends = "ends"

    def next(self, answer, question):
        return [*answer, *self.text(f"? {question}")]

    def text(self, words):
        return [ord(letter) for letter in words]

    def words(self, tokens):
        return "".join(map(chr, tokens))


class Scored:
    """A conversation with one score for each answer."""

    def __init__(self, *scores):
        self.scores = list(scores)

    def log_probabilities(self, answers):
        assert [Letters().words(answer) for answer in answers] == list(EMOTIONS)
        return self.scores


def test_shares_are_the_softmax_of_the_scores():
    scores = [-1.0, -2.0, -3.0, -4.0, -5.0, -6.0, -7.0]
    shares = probabilities(Scored(*scores), Letters())
    total = sum(map(math.exp, scores))
    assert list(shares) == list(EMOTIONS)
    assert list(shares.values()) == pytest.approx([math.exp(score) / total for score in scores])
    assert likeliest(shares) == "happy"


def test_scores_far_below_zero_still_sum_to_one():
    shares = probabilities(Scored(*[-5000.0] * 6, -5001.0), Letters())
    assert sum(shares.values()) == pytest.approx(1)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_scores_that_are_not_numbers_are_said(value):
    with pytest.raises(EngineFailed, match="not numbers"):
        probabilities(Scored(*[-1.0] * 6, value), Letters())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("The brows rise. The voice", "The brows rise."),
        ("  Wide eyes!? Yes", "Wide eyes!"),
        ("眉毛扬起。声音", "眉毛扬起。"),
        ("At 1.5 s a smile shows. So", "At 1.5 s a smile shows."),
        ("a smile\n\nand more", "a smile"),
        ("a smile that never ends", "a smile that never ends"),
        ("", ""),
    ],
)
def test_a_description_is_one_sentence(text, sentence):
    assert first_sentence(Letters(), iter(Letters().text(text))) == sentence


def test_no_token_after_the_sentence_is_asked_for():
    tokens = iter(Letters().text("Yes. No."))
    first_sentence(Letters(), tokens)
    assert Letters().words(list(tokens)) == " No."


class Speaking(Scored):
    """A conversation in which the model says a text, and is heard letter by letter."""

    def __init__(self, text):
        self.text, self.said = text, ""

    def read(self, tokens):
        assert Letters().words(tokens) == "happy? Why?"

    def reply(self, ends, most):
        assert (ends, most) == ("ends", LONGEST)
        for letter in self.text:
            self.said += letter
            yield ord(letter)


@pytest.mark.parametrize(
    ("letters", "said"), [(100, "A broad smile."), (15, "A broad smile."), (5, None), (0, None)]
)
def test_a_description_that_takes_too_long_is_given_up(letters, said):
    speaking = Speaking("A broad smile. It is")
    in_time = lambda: len(speaking.said) < letters  # noqa: E731
    assert description(speaking, Letters(), "happy", "Why?", in_time) == said
    assert len(speaking.said) <= max(letters, 1)


@pytest.mark.parametrize("text", ["", "  \n", "...", "!?", "\ufffd\ufffd", "123", "\x00"])
def test_a_text_without_a_letter_says_nothing(text):
    assert readable(text) is None


def test_what_cannot_be_shown_is_left_out():
    assert readable(" wide\teyes\x00 \ufffd and\n a smile. ") == "wide eyes and a smile."
    assert readable("笑容\ufffd") == "笑容"
