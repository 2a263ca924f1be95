"""What a sender is told when its link has become too narrow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.receive.brake import CORRECTED, LEAST, LIFTED, NO_LIMIT, STEPS, Brake

TICK = 0.1


def braking(rate, *, pulled=1.0):
    """A brake that was pulled while so many bits a second came through, and how many bytes had come by then."""
    brake, now = Brake(), 0.0
    while now < pulled:
        brake.mark(round(rate / 8 * now), now)
        now += TICK
    brake.pull(round(rate / 8 * pulled), pulled)
    return brake


@given(rate=st.floats(0, 1e8))
def test_a_sender_is_held_below_what_came_through_then_near_it_then_let_go(rate):
    brake = braking(rate)
    (first, low), (second, high) = STEPS
    for now, share in ((1.0, low), (1.0 + first - 0.01, low), (1.01 + first, high), (0.99 + second, high)):
        assert abs(brake.tell(now) - max(LEAST, share * rate)) <= 1 + rate * 1e-3
    assert [brake.tell(1.01 + second + n) for n in range(LIFTED + 1)] == [NO_LIMIT] * LIFTED + [None]
    assert not brake.on


def test_while_nothing_is_wrong_nothing_is_told():
    brake = Brake()
    brake.mark(0, 0.0)
    assert not brake.on and brake.tell(0.1) is None


def test_where_the_rate_is_not_known_yet_nothing_is_done():
    brake = Brake()
    brake.pull(1000, 1.0)
    brake.mark(0, 1.0)
    brake.pull(1000, 1.1)
    assert not brake.on


def test_one_that_is_on_is_not_pulled_again_by_what_still_is_lost_and_one_that_is_lifted_is():
    brake = braking(1e6)
    told = brake.tell(1.1)
    brake.mark(125_000, 1.1)
    brake.pull(125_000 + round(0.81e6 / 8 * 0.3), 1.4)
    assert brake.tell(1.4) == told and brake.tell(1.0 + STEPS[0][0]) != told, "nor is it held for longer"
    for n in range(LIFTED):
        brake.tell(4.0 + n)
    brake.mark(0, 20.0)
    brake.pull(25_000, 20.2)
    assert brake.on and brake.tell(20.2) == round(STEPS[0][1] * 1e6)


def test_the_rate_is_measured_also_where_much_happens_at_a_time():
    brake = Brake()
    for number in range(300):
        brake.mark(round(1e6 / 8 * number / 1000), number / 1000)
    brake.pull(37_500, 0.3)
    assert brake.tell(0.3) == round(STEPS[0][1] * 1e6)


@pytest.mark.parametrize("later", [0.2, CORRECTED + 0.1])
def test_a_rate_that_was_measured_before_the_link_was_narrow_is_corrected_soon_or_not_at_all(later):
    brake = braking(2e6)
    brake.mark(250_000, 1.0)
    brake.pull(250_000 + round(0.5e6 / 8 * later), 1.0 + later)
    until, share = STEPS[0]
    rate = 0.5e6 if later < CORRECTED else 2e6
    assert brake.tell(1.0 + later) == (round(share * rate) if later < until else round(STEPS[1][1] * rate))
