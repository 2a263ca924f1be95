from __future__ import annotations

import pytest

from models.refusal import one_line
from models.scalars import is_scalars, scalars


@pytest.mark.parametrize("text", ["", "plain", "你好 🙂", "\0"])
def test_what_is_text_stays_as_it_is(text):
    assert scalars(text) is text and is_scalars(text)


@pytest.mark.parametrize("text", ["\ud800", "a \udfff b", "\ud83d \ude00"])
def test_halves_of_characters_do_not_stay(text):
    assert not is_scalars(text) and is_scalars(scalars(text))


def test_what_a_server_says_can_be_written_on():
    assert one_line("no \ud800 model") == "no ? model"
