"""When an engine that has failed is asked again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.breaker import FIRST_WAIT, LONGEST_WAIT, Breaker


def test_nothing_is_refused_before_a_failure():
    assert Breaker().refusal(0.0) is None


def test_a_failure_closes_the_door_for_a_while_and_says_why():
    breaker = Breaker()
    breaker.failed("no answer", 10.0)
    assert breaker.refusal(10.0 + FIRST_WAIT / 2) == "no answer"
    assert breaker.refusal(10.0 + FIRST_WAIT) is None


def test_one_is_let_through_to_try_and_the_others_wait_for_it():
    breaker = Breaker()
    breaker.failed("no answer", 0.0)
    assert breaker.refusal(FIRST_WAIT) is None
    assert breaker.refusal(FIRST_WAIT) == "no answer"


def test_one_that_is_never_heard_of_again_does_not_close_the_door_for_good():
    breaker = Breaker()
    breaker.failed("no answer", 0.0)
    breaker.refusal(FIRST_WAIT)
    assert breaker.refusal(2 * FIRST_WAIT) is None


def test_success_opens_it_again():
    breaker = Breaker()
    breaker.failed("no answer", 0.0)
    breaker.succeeded()
    assert breaker.refusal(0.0) is None


@given(st.integers(min_value=1, max_value=40))
def test_the_wait_doubles_up_to_a_minute(failures):
    breaker = Breaker()
    for _ in range(failures):
        breaker.failed("no answer", 0.0)
    wait = min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT)
    assert breaker.refusal(wait - 0.01) is not None
    assert breaker.refusal(wait) is None
