"""The latest times: what half and nearly all of them kept to, and that old ones are forgotten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from web.recent import KEPT, Recent


def of(times):
    recent = Recent()
    for ms in times:
        recent.add(ms)
    return recent


def test_before_the_first_answer_nothing_is_known():
    assert (len(Recent()), Recent().within(0.5)) == (0, None)


def test_of_a_hundred_the_fiftieth_and_the_ninety_fifth_are_told():
    recent = of(range(100, 0, -1))
    assert (recent.within(0.5), recent.within(0.95), recent.within(1.0)) == (50, 95, 100)


def test_one_answer_is_all_there_is():
    assert of([7.0]).within(0.5) == of([7.0]).within(0.95) == 7.0


def test_what_is_older_than_a_hundred_answers_is_forgotten():
    recent = of([10_000.0] * 50 + [1.0] * KEPT)
    assert (len(recent), recent.within(1.0)) == (KEPT, 1.0)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=KEPT), st.floats(0.01, 1))
def test_that_share_did_not_exceed_it_and_less_than_that_share_stayed_below(times, share):
    told = of(times).within(share)
    assert told in times
    assert sum(ms <= told for ms in times) >= share * len(times) - 1e-9
    assert sum(ms < told for ms in times) < share * len(times) + 1e-9
