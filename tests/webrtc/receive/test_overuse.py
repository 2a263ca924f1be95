"""Overuse: number for number what aiortc's three classes say together."""

from __future__ import annotations

from aiortc.rate import TIMESTAMP_TO_MS, InterArrival, OveruseDetector, OveruseEstimator
from hypothesis import given
from hypothesis import strategies as st

from webrtc.receive.overuse import GROUP, Overuse

TICKS = 1 << 26


class Theirs:
    def __init__(self):
        self.arrivals, self.filter, self.detector = (
            InterArrival(GROUP, TIMESTAMP_TO_MS),
            OveruseEstimator(),
            OveruseDetector(),
        )

    def add(self, sent, arrival, size):
        deltas = self.arrivals.compute_deltas(sent, arrival, size)
        if deltas is None:
            return
        period = deltas.timestamp * TIMESTAMP_TO_MS
        self.filter.update(deltas.arrival_time, period, deltas.size, self.detector.state(), arrival)
        self.detector.detect(self.filter.offset(), period, self.filter.num_of_deltas(), arrival)


@given(
    st.integers(0, 2**32 - 1),
    st.lists(
        st.tuples(st.floats(-0.01, 0.08), st.integers(-6, 40), st.integers(0, 60_000), st.booleans()),
        max_size=400,
    ),
)
def test_every_number_is_the_same(beginning, steps):
    ours, theirs, sent, waits, seen = Overuse(), Theirs(), 0.0, 0, set()
    for apart, later, size, worse in steps:
        sent += apart
        waits = max(0, waits + (abs(later) if worse else later))
        stamp, arrival = (beginning + round(sent * TICKS)) % 2**32, 10_000 + round(sent * 1e3) + waits
        ours.add(stamp, arrival, size)
        theirs.add(stamp, arrival, size)
        assert ours.usage is theirs.detector.state()
        assert ours._offset == theirs.filter.offset()
        assert ours._threshold == theirs.detector.threshold
        seen.add(ours.usage)


def test_a_link_that_fills_up_is_overused_and_one_that_empties_is_not():
    ours, seen = Overuse(), []
    for number in range(900):
        waits = max(0, min(number - 300, 900 - 2 * number + 600))  # 10 ms more with each burst, later 20 less
        ours.add(round(number / 30 * TICKS) % 2**32, round(number * 1e3 / 30) + 10 * waits, 6000)
        seen.append(ours.usage.name)
    assert set(seen[:300]) == {"NORMAL"} and "OVERUSING" in seen[300:330] and "UNDERUSING" in seen[500:]
