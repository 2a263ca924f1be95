"""How long packets wait on their way."""

from __future__ import annotations

from itertools import accumulate
from random import Random

import pytest

from webrtc.receive.queueing import LEAP, SELDOM, Queueing


def see(takes):
    """What is said after frames, ten a second, that took so long each, and with which of them a queue grew."""
    told, before = [], takes[0]
    queueing = Queueing(lambda: told.append(number))
    for number, taken in enumerate(takes[1:], 1):
        queueing.see(taken - before, 100 + number / 10)
        before = taken
    return queueing.seconds, told


def waits(takes):
    return see(takes)[0]


def grows(takes):
    return see(takes)[1]


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


def test_a_queue_is_told_of_while_it_grows():
    assert grows([0.02] * 10 + [0.05, 0.09, 0.13, 0.17, 0.21, 0.21, 0.22]) == [12, 13, 14]


def test_a_queue_that_grows_again_is_told_of_again_but_seldom():
    hill = [0.02, 0.06, 0.1, 0.14, 0.18]
    assert grows(hill * 50) == [number for number in range(250) if number % int(SELDOM * 10) in (3, 4)]


@pytest.mark.parametrize("least", [0.02, 0.2])
def test_a_moment_in_which_nothing_comes_is_no_queue_that_grows(least):
    stall = [least + 0.011, least + 0.022, least + 0.4, least + 0.3, least + 0.2, least + 0.1]
    assert not grows(([least] * 20 + stall) * 20)


def test_a_queue_that_grows_slowly_is_left_to_the_sender():
    assert not grows(list(accumulate([0.009] * 100)))


@pytest.mark.parametrize("seed", range(5))
def test_jitter_is_no_queue_that_grows(seed):
    chance = Random(seed)
    assert not grows([0.02 + 0.1 * chance.random() for _ in range(1000)])
