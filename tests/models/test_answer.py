from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.answer import WORDS, bare, emotion_named, from_log_probabilities, without_thoughts
from models.base import EMOTIONS

probabilities = st.lists(st.floats(1e-12, 1.0), min_size=1, max_size=20).map(
    lambda parts: [part / max(1.0, sum(parts)) for part in parts]
)


@pytest.mark.parametrize(("emotion", "word"), [(e, word) for e, words in WORDS.items() for word in words])
def test_each_word_names_its_class_alone_marked_up_and_in_a_sentence(emotion, word):
    sentence = f"I think it is {word}." if word.isascii() else f"这个人看起来很{word}。"
    shouted = word.upper()
    for text in (
        word,
        f"**{word}**",
        f"_{word}_",
        f"`{word}`",
        f"# {word}\n",
        f'"{word}"',
        sentence,
        shouted,
    ):
        assert emotion_named(text) == emotion, text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot say.",
        "The madam saddled her joystick fearlessly.",
        "unhappy",
        "ſad, dısgust",
        "sadly calmed",
        "他生气勃勃",
        "我不知道",
        "not happy",
        "not very happy at all",
        "The person isn't angry.",
        "She doesn’t look particularly happy.",
        "There are no visible signs of fear or disgust.",
        "neither happy, sad, nor angry",
        "not **happy**",
        "without anger",
        "不开心",
        "没有恐惧和愤怒",
        "并没有表现出任何恐惧、愤怒或厌恶",
        "看不出愤怒",
        "非快乐",
        "不是很高兴",
        "happy: no, sad: false, fear: 0.0",
        '{"emotion": "not happy"}',
        '{"emotion": null}',
        '{"happy": 0, "sad": 0.0}',
    ],
)
def test_what_names_no_class_or_denies_it_names_none(text):
    assert emotion_named(text) is None


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("not happy but sad", "sad"),
        ("The person is not talking but happy", "happy"),
        ("not only happy but also surprised", "happy"),
        ("No, happy.", "happy"),
        ("no doubt angry", "angry"),
        ("sad rather than angry", "sad"),
        ("rather than angry, they are sad", "sad"),
        ("neither happy nor sad, just neutral", "neutral"),
        ("no anger, fear, or disgust: calm", "neutral"),
        ("happy: no\nsad: yes", "sad"),
        ("surprisingly calm", "neutral"),
        ("There is anger in the voice", "angry"),
        ("happy or surprised", "happy"),
        ("不是生气而是悲伤", "sad"),
        ("没有愤怒或恐惧，表情平静", "neutral"),
        ("非常开心", "happy"),
        ("不仅开心，还有点惊讶", "happy"),
        ("无疑是愤怒", "angry"),
        ("无表情", "neutral"),
        ("惊恐", "fear"),
        ("答案：高兴", "happy"),
        ('{"emotion": "angry"}', "angry"),
        ('```json\n{"reason": "a frown", "emotion": "Anger"}\n```', "angry"),
        ('{"happy": 0.1, "sad": 0.7, "neutral": 0.2}', "sad"),
        ('{"happy": false, "fear": true}', "fear"),
        ("{broken json: happy}", "happy"),
        ('Seen {"frames": 3} and happy', "happy"),
    ],
)
def test_the_first_class_that_is_not_denied_is_named(text, emotion):
    assert emotion_named(text) == emotion


@given(st.text())
def test_any_text_has_an_answer(text):
    assert emotion_named(text) in {*EMOTIONS, None}
    assert emotion_named(json.dumps({"emotion": text})) in {*EMOTIONS, None}


@given(st.sampled_from(EMOTIONS), st.text("abcdefghijklmnopqrstuvwxyz", min_size=1))
def test_a_name_inside_a_longer_word_is_not_named(emotion, letters):
    other = {emotion_named(emotion + letters), emotion_named(letters + emotion)} - {None}
    known = {word for words in WORDS.values() for word in words}
    assert not other or {emotion + letters, letters + emotion} & known


def test_hostile_answers_take_no_time():
    for text in (
        "not " * 5000,
        "no a b c " * 3000,
        "{" * 5000,
        "happy, " * 5000,
        "没有" * 5000,
        '{"a":' * 3000,
    ):
        emotion_named(text)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>happy? no, sad</think>\n\nsad", "sad"),
        ("happy? no, sad</think>sad", "sad"),
        ("<think>happy? perhaps", ""),
        ("<think>a</think><think>b</think> sad ", "sad"),
        ("sad", "sad"),
    ],
)
def test_thoughts_are_no_part_of_an_answer(text, answer):
    assert without_thoughts(text) == answer


@pytest.mark.parametrize(
    "token", ["happy", " happy", "Happy", "▁happy", "Ġhappy", '"happy', "**happy", "happy."]
)
def test_a_token_is_read_through_its_marks(token):
    assert bare(token) == "happy"
    assert from_log_probabilities([(token, -0.1)])["happy"] > 0.5


def test_tokens_of_one_class_are_added_up():
    shares = from_log_probabilities(
        [("happy", math.log(0.3)), (" Happy", math.log(0.2)), ("sad", math.log(0.5))]
    )
    assert shares["happy"] == pytest.approx(shares["sad"])


def test_the_beginning_of_a_name_counts_for_it():
    shares = from_log_probabilities([("dis", math.log(0.6)), ("sur", math.log(0.3)), ("惊恐", math.log(0.1))])
    assert sorted(shares, key=shares.get, reverse=True)[:3] == ["disgust", "surprise", "fear"]
    assert shares["disgust"] == pytest.approx(0.6, abs=0.01)


def test_what_begins_two_names_is_shared_by_them():
    shares = from_log_probabilities([("s", math.log(0.8)), ("happy", math.log(0.2))])
    assert shares["sad"] == shares["surprise"] == pytest.approx(0.4, abs=0.01)


def test_an_article_is_not_anger():
    shares = from_log_probabilities([("A", math.log(0.5)), (" an", math.log(0.2)), ("sad", math.log(0.3))])
    assert shares["angry"] < 0.15 < shares["sad"]


def test_nothing_comes_of_tokens_that_name_no_class():
    for tokens in (
        [],
        [("The", -0.1), ("", -1.0), ("\n", -2.0)],
        [("happy", -math.inf)],
        [("sad", math.nan)],
    ):
        assert from_log_probabilities(tokens) == {}


def test_a_sure_answer_stays_sure_where_only_one_token_is_given():
    assert from_log_probabilities([("happy", math.log(0.999))])["happy"] >= 0.999


@given(probabilities, st.data())
def test_shares_are_probabilities_and_no_unseen_class_exceeds_a_seen_one(parts, data):
    names = data.draw(
        st.lists(st.sampled_from([*EMOTIONS, "The", "s"]), min_size=len(parts), max_size=len(parts))
    )
    shares = from_log_probabilities([(name, math.log(part)) for name, part in zip(names, parts, strict=True)])
    assert bool(shares) == (set(names) != {"The"})
    if shares:
        seen = {e for e in EMOTIONS if e in names or ("s" in names and e in {"sad", "surprise"})}
        unseen = set(EMOTIONS) - seen
        assert list(shares) == list(EMOTIONS)
        assert sum(shares.values()) == pytest.approx(1)
        assert all(0 <= share <= 1 for share in shares.values())
        assert max((shares[e] for e in unseen), default=0) <= min(shares[e] for e in seen)


@given(probabilities.filter(lambda parts: len(parts) >= 2), st.floats(1.001, 10))
def test_a_class_gains_by_a_likelier_token(parts, factor):
    names = [*EMOTIONS, *["The"] * 20]
    tokens = [(name, math.log(part)) for name, part in zip(names, parts, strict=False)]
    raised = min(parts[0] * factor, 1.0 - sum(parts[1:]))
    if raised > parts[0]:
        more = from_log_probabilities([("happy", math.log(raised)), *tokens[1:]])
        assert more["happy"] >= from_log_probabilities(tokens)["happy"] - 1e-12
