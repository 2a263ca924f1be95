from __future__ import annotations

from itertools import product
from typing import get_args

from models.base import EMOTIONS, UnknownReason
from models.embedded.description import describe


def test_a_sure_smile_and_a_lively_voice_are_said() -> None:
    assert describe("happy", None, 0.8, 0.6) == "likely smiling, lively voice"


def test_wording_is_hedged_by_confidence() -> None:
    assert describe("happy", None, 0.4, 0.0) == "perhaps smiling, even voice"


def test_reasons_are_said_instead_of_a_guess() -> None:
    for reason in get_args(UnknownReason):
        text = describe(None, reason, 0.0, None)
        assert text.endswith("no voice heard")
        assert "likely" not in text


def test_nothing_is_said_about_the_person_or_their_feelings() -> None:
    forbidden = {
        "feel",
        "feels",
        "feeling",
        "man",
        "woman",
        "he",
        "she",
        "old",
        "young",
        "sad",
        "angry",
        "happy",
    }
    for emotion, arousal in product(EMOTIONS, (None, -0.9, 0.0, 0.9)):
        text = describe(emotion, None, 0.7, arousal)
        assert not forbidden & set(text.replace(",", "").split())
        assert len(text) < 60
