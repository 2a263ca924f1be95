"""The sequence number, unwrapped."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webrtc.receive.sequence import CYCLE, Unwrapper


@given(st.integers(0, 0xFFFF), st.lists(st.integers(-30_000, 30_000), max_size=40))
def test_it_grows_by_what_the_sender_counted(first, steps):
    unwrapper, true = Unwrapper(), first + CYCLE
    assert unwrapper.take(first) == true
    highest = true
    for step in steps:
        true = highest + step
        if true < 0:
            return
        assert unwrapper.take(true % CYCLE) == true
        highest = max(highest, true)
        assert unwrapper.highest == highest


def test_to_peek_does_not_remember():
    unwrapper = Unwrapper()
    unwrapper.take(65_535)
    assert unwrapper.peek(1) == CYCLE + 65_537
    assert unwrapper.highest == CYCLE + 65_535
