"""The pace: so many at once, then so many a second."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.chat.pace import Pace


def test_a_burst_goes_through_and_then_the_wait_is_told():
    pace = Pace(0.5, 3)
    assert [pace.take(10.0) for _ in range(3)] == [0, 0, 0]
    assert pace.take(10.0) == 2.0
    assert pace.take(11.0) == 1.0
    assert pace.take(12.0) == 0


@given(st.lists(st.floats(0, 100), max_size=200))
def test_in_any_time_no_more_get_through_than_burst_and_rate_allow(moments):
    pace = Pace(2.0, 5)
    moments = sorted(moments)
    through = [at for at in moments if pace.take(at) == 0]
    for first in range(len(through)):
        for last in range(first, len(through)):
            assert last - first + 1 <= 5 + 2.0 * (through[last] - through[first]) + 1e-6
