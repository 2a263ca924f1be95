from __future__ import annotations

from dataclasses import replace

import pytest

from models.base import EMOTIONS, Emotion, EmotionResult, Latency, UnknownReason
from models.summary import summarize


def window(
    start: float, end: float, emotion: Emotion | None, reason: UnknownReason | None = None
) -> EmotionResult:
    return EmotionResult(
        emotion=emotion or "unknown",
        reason=reason,
        probabilities={each: float(each == emotion) for each in EMOTIONS} if emotion else {},
        confidence=1.0,
        valence=None,
        arousal=None,
        description="",
        window_start=start,
        window_end=end,
        engine="test",
        latency=Latency(decode=1, features=1, inference=1, total=3),
    )


def test_windows_count_by_their_length() -> None:
    summary = summarize([window(0, 5, "happy"), window(5, 10, None, "no_face"), window(10, 11, "sad")])
    assert (summary.emotion, summary.reason) == ("happy", None)
    assert summary.probabilities["sad"] == pytest.approx(1 / 6)
    assert (summary.duration_s, summary.readable_s, summary.total_ms) == (11, 6, 9)


def test_without_a_readable_window_the_commonest_reason_is_given() -> None:
    summary = summarize(
        [window(0, 5, None, "too_dark"), window(5, 10, None, "no_face"), window(10, 15, None, "no_face")]
    )
    assert (summary.emotion, summary.reason, summary.probabilities) == ("unknown", "no_face", {})


def test_a_picture_without_length_still_counts() -> None:
    assert summarize([window(0, 0, "happy")]).emotion == "happy"


def test_classes_without_probabilities_are_weighed_by_their_seconds() -> None:
    bare = [
        replace(window(*span, emotion), probabilities={}, confidence=None)
        for span, emotion in (((0, 5), "sad"), ((5, 7), "happy"), ((7, 9), "happy"))
    ]
    summary = summarize(bare)
    assert (summary.emotion, summary.confidence, summary.probabilities) == ("sad", None, {})
    assert summary.readable_s == 9


def test_a_still_picture_is_summed_up_though_it_has_no_length() -> None:
    summary = summarize([window(0, 0, "fear")])
    assert (summary.emotion, summary.confidence, summary.duration_s) == ("fear", 1.0, 0)
