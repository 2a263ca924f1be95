"""How long packets wait on their way."""

from __future__ import annotations

import pytest

from webrtc.receive.queueing import LEAP, Queueing


def waits(takes):
    """What is said after frames, ten a second, that took so long each."""
    queueing, before = Queueing(), takes[0]
    for number, taken in enumerate(takes[1:], 1):
        queueing.see(taken - before, 100 + number / 10)
        before = taken
    return queueing.seconds


def test_a_steady_way_has_no_queue_however_long_it_is():
    assert waits([0.3] * 50) == 0


def test_a_queue_that_grows_and_goes_is_told_in_seconds():
    assert waits([0.02, 0.02, 0.1, 0.2, 0.3]) == pytest.approx(0.28)
    assert waits([0.02, 0.02, 0.1, 0.2, 0.3, 0.1, 0.02]) == pytest.approx(0)


def test_what_was_fast_is_forgotten_when_the_way_has_become_longer_for_good():
    assert waits([0.02] * 20 + [0.22] * 30) == pytest.approx(0.2)
    assert waits([0.02] * 20 + [0.22] * 300) == pytest.approx(0)


def test_a_drift_of_clocks_is_no_queue():
    assert waits([number * 1e-5 for number in range(2000)]) < 0.005


def test_timestamps_that_stood_still_are_no_queue():
    assert waits([0.02, 0.02, 0.03 + LEAP, 0.03 + LEAP]) == 0
