from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.base import EMOTIONS, Emotion, FaceBox, UnknownReason
from models.embedded.fusion import BRIDGED, STALE, Seen, fuse, last_face


def seen(time: float, emotion: Emotion, share: float = 0.88) -> Seen:
    probabilities = np.full(7, (1 - share) / 6)
    probabilities[EMOTIONS.index(emotion)] = share
    return Seen(time=time, probabilities=probabilities)


def unseen(time: float, reason: UnknownReason = "no_face") -> Seen:
    return Seen(time=time, reason=reason)


def named(moments: list[Seen], start: float = 0.0, end: float = 5.0) -> str:
    answer = fuse(moments, start, end)
    return answer if isinstance(answer, str) else EMOTIONS[int(answer.argmax())]


moments = st.lists(
    st.builds(
        lambda time, row, reason: (
            Seen(time=time, reason=reason)
            if reason
            else Seen(time=time, probabilities=(np.array(row) + 1e-6) / (np.array(row) + 1e-6).sum())
        ),
        st.floats(-10, 20),
        st.lists(st.floats(0, 1), min_size=7, max_size=7),
        st.sampled_from([None, None, "no_face", "too_dark", "turned_away"]),
    ),
    max_size=12,
)


@given(moments)
def test_an_answer_is_a_distribution_or_a_reason(moments: list[Seen]) -> None:
    answer = fuse(moments, 0.0, 5.0)
    if isinstance(answer, str):
        assert answer in {"no_video", "no_face", "too_dark", "turned_away"}
    else:
        assert answer.sum() == pytest.approx(1)
        assert (answer >= 0).all()


@given(moments)
def test_the_order_of_arrival_does_not_matter(moments: list[Seen]) -> None:
    unique = list({moment.time: moment for moment in moments}.values())
    forwards, backwards = fuse(unique, 0.0, 5.0), fuse(unique[::-1], 0.0, 5.0)
    assert np.array_equal(forwards, backwards)


@given(moments)
def test_what_lies_outside_the_window_says_nothing(moments: list[Seen]) -> None:
    inside = [moment for moment in moments if 0 <= moment.time <= 5]
    outside = [moment for moment in moments if not -0.01 <= moment.time <= 5.01]
    assert np.array_equal(fuse(inside, 0.0, 5.0), fuse(inside + outside, 0.0, 5.0))


def test_a_steady_expression_is_answered_with_its_own_probabilities() -> None:
    answer = fuse([seen(time, "happy") for time in range(5)], 0.0, 5.0)
    assert answer == pytest.approx(seen(0, "happy").probabilities)


def test_a_quick_change_shows_with_the_next_look() -> None:
    assert named([*[seen(time, "happy") for time in range(4)], seen(4, "surprise")]) == "surprise"


def test_an_unsure_look_does_not_overturn_sure_ones() -> None:
    assert named([*[seen(time, "happy", 0.95) for time in range(4)], seen(4, "sad", 0.3)]) == "happy"


def test_one_missed_look_is_bridged_and_two_are_not() -> None:
    assert named([seen(2, "happy"), seen(3, "happy"), unseen(4)]) == "happy"
    assert named([seen(2, "happy"), unseen(3), unseen(4, "turned_away")]) == "turned_away"
    assert 1 < BRIDGED < 2


def test_a_returning_face_is_answered_at_once() -> None:
    assert named([unseen(2), unseen(3), seen(4, "sad")]) == "sad"


def test_old_looks_are_no_picture_of_now() -> None:
    assert named([seen(0, "happy")], end=STALE + 0.1) == "no_video"
    assert named([]) == "no_video"


def test_the_face_is_where_it_was_seen_last_for_as_long_as_a_missed_look_is_bridged() -> None:
    first, second = (FaceBox(x=x, y=0.2, width=0.2, height=0.3) for x in (0.1, 0.5))
    found = [Seen(time=2, reason="turned_away", face=first), Seen(time=3, reason="turned_away", face=second)]
    assert last_face(found, 0.0, 5.0) == second
    assert last_face([*found, unseen(4)], 0.0, 5.0) == second
    assert last_face([*found, unseen(4), unseen(5)], 0.0, 5.0) is None
    assert last_face(found, 0.0, 2.5) == first
    assert last_face(found, 0.0, 3.1 + STALE) is None
