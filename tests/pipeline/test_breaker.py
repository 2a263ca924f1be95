"""When an engine that has failed is asked again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.base import Fault
from pipeline.breaker import CLIPS, FIRST_WAIT, LONGEST_WAIT, Breaker, Pass, Refused

FAULT = Fault("failed", "no answer")
USUAL = Pass(trial=False)


def failed(breaker=None, now=0.0):
    breaker = breaker or Breaker()
    breaker.failed(breaker.enter(now), FAULT, now)
    return breaker


def test_nothing_is_refused_before_a_failure():
    assert Breaker().enter(0.0) == USUAL


def test_a_failure_closes_the_door_for_a_while_and_says_why():
    breaker = failed(now=10.0)
    with pytest.raises(Refused, match="no answer") as refused:
        breaker.enter(10.0 + FIRST_WAIT / 2)
    assert refused.value.fault == FAULT
    assert breaker.enter(10.0 + FIRST_WAIT) == Pass(trial=True)


def test_one_is_let_through_to_try_and_the_others_wait_for_it():
    breaker = failed()
    breaker.enter(FIRST_WAIT)
    with pytest.raises(Refused):
        breaker.enter(FIRST_WAIT)


def test_those_under_way_when_the_first_failed_do_not_prolong_the_wait():
    breaker = failed()
    for _ in range(8):
        breaker.failed(USUAL, FAULT, 1.0)
    assert breaker.enter(FIRST_WAIT) == Pass(trial=True)


def test_a_trial_that_decides_nothing_lets_the_next_one_try():
    breaker = failed()
    breaker.undecided(breaker.enter(FIRST_WAIT), FIRST_WAIT + 1)
    assert breaker.enter(FIRST_WAIT + 1) == Pass(trial=True)


def test_a_trial_that_is_never_heard_of_again_does_not_close_the_door_for_good():
    breaker = failed()
    breaker.enter(FIRST_WAIT)
    assert breaker.enter(FIRST_WAIT + LONGEST_WAIT) == Pass(trial=True)


def test_success_opens_it_again_and_the_next_failure_begins_anew():
    breaker = failed(failed(), FIRST_WAIT)
    breaker.succeeded()
    assert breaker.failing is None
    failed(breaker, 100.0)
    assert breaker.enter(100.0 + FIRST_WAIT) == Pass(trial=True)


@given(st.integers(min_value=1, max_value=40))
def test_the_wait_doubles_with_every_trial_up_to_a_minute(failures):
    breaker, now, wait = Breaker(), 0.0, 0.0
    for at in range(failures):
        now += wait
        breaker.failed(breaker.enter(now), FAULT, now)
        wait = min(FIRST_WAIT * 2**at, LONGEST_WAIT)
    with pytest.raises(Refused):
        breaker.enter(now + wait - 0.01)
    assert breaker.enter(now + wait).trial


def test_clips_alone_open_it_only_when_several_in_a_row_go_wrong():
    breaker = Breaker()
    for at in range(CLIPS):
        assert breaker.failing is None, at
        breaker.failed(breaker.enter(0.0), FAULT, 0.0, clip_alone=True)
    assert breaker.failing == FAULT


def test_a_clip_that_goes_well_between_begins_the_count_anew():
    breaker = Breaker()
    for _ in range(3 * CLIPS):
        breaker.failed(breaker.enter(0.0), FAULT, 0.0, clip_alone=True)
        breaker.succeeded()
    assert breaker.failing is None
