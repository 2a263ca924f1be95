from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from models.base import EMOTIONS, Language, UnknownReason
from models.meaning import VALENCES, describe, describe_face, describe_sound, valence, with_caution


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


def test_valence_has_the_sign_of_the_expression() -> None:
    signs = {emotion: (share > 0) - (share < 0) for emotion, share in VALENCES.items()}
    assert signs == {
        "happy": 1, "surprise": 1, "neutral": 0, "sad": -1, "angry": -1, "fear": -1, "disgust": -1,
    }  # fmt: skip


def test_valence_is_expected_over_the_classes_and_none_without_them() -> None:
    shares = dict.fromkeys(EMOTIONS, 0.0) | {"happy": 0.5, "sad": 0.5}
    assert valence(shares) == pytest.approx(0.1)
    assert valence({}) is None


@pytest.mark.parametrize("language", get_args(Language))
def test_every_class_and_reason_has_words_of_its_own(language: Language) -> None:
    faces = {describe_face(emotion, None, 0.9, language) for emotion in EMOTIONS}
    reasons = {describe_face(None, reason, None, language) for reason in get_args(UnknownReason)}
    assert len(faces) == len(EMOTIONS) and len(reasons) == len(get_args(UnknownReason))
    sounds = {describe_sound(emotion, 0.9, language) for emotion in EMOTIONS}
    assert len(sounds) == len(EMOTIONS)
    assert not faces & reasons and not sounds & (faces | reasons)


def test_chinese_is_worded_in_chinese_throughout() -> None:
    for emotion, arousal in product(EMOTIONS, (None, -0.9, 0.0, 0.9)):
        text = describe(emotion, None, 0.7, arousal, "zh")
        assert text.startswith("看起来很可能") and not any(letter.isascii() for letter in text)


def test_a_picture_only_answer_says_so() -> None:
    assert (
        with_caution("A broad smile.", "en")
        == "A broad smile, from the picture alone, so not to be relied on"
    )
    assert with_caution("面带笑容。", "zh") == "面带笑容，仅凭画面判断，不足为据"
