"""The mood: hedged, with probabilities and unknown time, of the last minute and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.base import EMOTIONS, EmotionResult, Latency
from pipeline.chat.mood import MOST_WINDOWS, Mood


def result(end, emotion="happy", confidence=0.6, *, reason=None, provisional=False):
    return EmotionResult(
        emotion=emotion,
        reason=reason,
        probabilities={},
        confidence=confidence,
        valence=None,
        arousal=None,
        description="",
        window_start=end - 5,
        window_end=end,
        engine="embedded",
        latency=Latency(decode=0, features=0, inference=0, total=0),
        provisional=provisional,
    )


def mood_of(*results):
    mood = Mood()
    for each in results:
        mood.see(each)
    return mood


def test_nothing_seen_is_nothing_told():
    assert Mood().told(10.0, "en") is None


def test_shares_probabilities_unknown_time_and_the_newest_are_told_with_a_caution():
    seen = [result(float(end), "neutral", 0.5) for end in range(10, 16)]
    seen += [result(16.0, "happy", 0.7), result(17.0, "happy", 0.9)]
    seen += [result(18.0, "unknown", 0.0, reason="no_face"), result(19.0, "unknown", 0.0, reason="no_face")]
    told = mood_of(*seen).told(20.0, "en")
    assert "neutral 60% of the time (probability 0.50)" in told
    assert "happy 20% of the time (probability 0.80)" in told
    assert "unknown 20% of the time (no face in view)" in told
    assert "The newest, 3 seconds ago: happy (probability 0.90)." in told
    assert "not a fact" in told and "not a feeling" in told


def test_a_call_that_has_just_begun_is_told_of_in_plain_words():
    told = mood_of(result(5.9)).told(6.0, "en")
    assert "in the last 5 seconds" in told and "The newest, just now: happy" in told
    first = mood_of(replace(result(1.0), window_start=0.0)).told(1.1, "en")
    assert "in the last second: happy" in first


def test_what_is_older_than_a_minute_is_not_told():
    assert mood_of(result(10.0)).told(71.0, "en") is None
    told = mood_of(result(10.0, "sad"), result(65.0, "happy")).told(71.0, "en")
    assert "sad" not in told and "happy 100%" in told


def test_an_old_expression_is_not_called_the_newest():
    assert "newest" not in mood_of(result(10.0)).told(40.0, "en")


def test_time_in_which_nothing_could_be_told_says_why():
    told = mood_of(result(5.0, "unknown", 0.0, reason="too_dark")).told(6.0, "en")
    assert told.startswith("In the last 6 seconds no expression could be told (too dark to read a face).")


def test_the_considered_answer_of_a_window_counts_and_not_the_first_word():
    first, considered = result(5.0, "sad", provisional=True), result(5.0, "happy")
    for order in ((first, considered), (considered, first)):
        told = mood_of(*order).told(6.0, "en")
        assert "happy 100%" in told and "sad" not in told


def test_an_engine_without_figures_is_told_without_any():
    told = mood_of(result(5.0, "happy", None)).told(6.0, "en")
    assert "happy 100% of the time." in told and "probability" not in told


def test_it_is_told_in_chinese_to_who_speaks_it():
    told = mood_of(result(5.0, "happy", 0.7)).told(6.0, "zh")
    assert "开心占 100% 的时间（概率 0.70）" in told and "不是事实" in told


def test_what_is_forgotten_is_not_told():
    mood = mood_of(result(5.0))
    mood.forget()
    assert mood.told(6.0, "en") is None


@given(
    st.lists(
        st.tuples(
            st.floats(0, 1e4),
            st.sampled_from([*EMOTIONS, "unknown"]),
            st.none() | st.floats(0, 1),
            st.booleans(),
        ),
        max_size=50,
    ),
    st.floats(0, 1e4),
    st.sampled_from(["en", "zh"]),
)
def test_whatever_was_seen_can_be_told_briefly(seen, now, language):
    mood = mood_of(*(result(end, what, sure, provisional=first) for end, what, sure, first in seen))
    told = mood.told(now, language)
    assert told is None or 20 < len(told) < 700


@pytest.mark.parametrize("step", [0.01, 1.0])
def test_what_is_kept_is_bounded(step):
    mood = mood_of(*(result(1000 + at * step) for at in range(3 * MOST_WINDOWS)))
    assert len(mood._windows) <= MOST_WINDOWS
