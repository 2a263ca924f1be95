"""Token buckets: bursts, the long run, one bucket a key, and bounded memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.rates import Rate, Rates


def test_a_burst_passes_and_then_one_at_a_time():
    rates = Rates(Rate(per_second=2, burst=3))
    assert [rates.allow("a", 10.0) for _ in range(3)] == [0, 0, 0]
    assert rates.allow("a", 10.0) == pytest.approx(0.5)
    assert rates.allow("a", 10.5) == 0
    assert rates.allow("a", 10.5) > 0


def test_asking_too_early_costs_nothing():
    rates = Rates(Rate(per_second=1, burst=1))
    rates.allow("a", 0.0)
    for tenth in range(1, 10):
        assert rates.allow("a", tenth / 10) == pytest.approx(1 - tenth / 10)
    assert rates.allow("a", 1.0) == 0


def test_each_key_has_a_bucket_of_its_own():
    rates = Rates(Rate(per_second=1, burst=1))
    assert rates.allow("a", 0.0) == 0 and rates.allow("b", 0.0) == 0


def test_the_key_that_was_not_seen_for_longest_is_forgotten():
    rates = Rates(Rate(per_second=0.001, burst=1), most_keys=2)
    for key in ("a", "b", "a", "c"):
        rates.allow(key, 0.0)
    assert len(rates) == 2
    assert rates.allow("a", 0.0) > 0


@given(st.lists(st.floats(0, 0.5), max_size=200), st.floats(0.5, 20), st.integers(1, 10))
def test_never_more_passes_than_the_burst_and_the_rate_allow(pauses, per_second, burst):
    rates, now, passed = Rates(Rate(per_second=per_second, burst=burst)), 0.0, 0
    for pause in pauses:
        now += pause
        passed += rates.allow("a", now) == 0
    assert passed <= burst + now * per_second + 1e-6
