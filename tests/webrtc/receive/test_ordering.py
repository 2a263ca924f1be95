"""Ordering: in turn at once, out of turn after what was missing or when it is given up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webrtc.receive.missing import Missing
from webrtc.receive.ordering import MAX_GAP, MAX_SILENCE, Ordering
from webrtc.receive.packet import Packet


class Line:
    """An ordering with what it gave: sequence numbers, and None where something was lost."""

    def __init__(self, patience=0.2):
        self.given = []
        self.ordering = Ordering(
            Missing(asks=True),
            patience=lambda: patience,
            take=lambda packet: self.given.append(packet.sequence),
            lose=lambda: self.given.append(None),
        )

    def add(self, sequence, now=0.0, retransmitted=False):
        packet = Packet(96, True, sequence, 0, 1, b"x", {})
        self.ordering.add(sequence, packet, now, retransmitted=retransmitted)


@given(st.permutations(range(1, 12)))
def test_any_order_becomes_the_right_one(order):
    line = Line()
    for sequence in (0, *order):
        line.add(sequence)
    assert line.given == list(range(12))
    assert not line.ordering.held and len(line.ordering.missing) == 0


@given(st.sets(st.integers(1, 40)), st.integers(41, 60))
def test_what_never_comes_is_given_up_after_the_patience(lost, last):
    line = Line()
    come = [sequence for sequence in range(last) if sequence not in lost]
    for sequence in come:
        line.add(sequence, now=0.0)
    line.ordering.expire(0.19)
    waited = [each for each in line.given if each is not None]
    assert waited == [sequence for sequence in come if all(gone > sequence for gone in lost)]
    line.ordering.expire(0.2)
    assert [each for each in line.given if each is not None] == come
    assert line.ordering.given_up == len(lost & set(range(come[-1])))
    assert line.ordering.due == float("inf")


def test_what_came_too_late_or_twice_is_counted_and_let_go():
    line = Line()
    for sequence in (0, 2):
        line.add(sequence)
    line.add(2)
    line.ordering.expire(1.0)
    line.add(1, now=1.0)
    assert line.given == [0, None, 2] and line.ordering.useless == 2


def test_no_more_than_so_many_are_held():
    line = Line()
    line.add(0)
    for sequence in range(2, 3 * MAX_GAP):
        line.add(sequence)
        assert len(line.ordering.held) <= MAX_GAP
    assert line.given[:4] == [0, None, 2, 3]


def test_after_a_silence_what_was_sent_meanwhile_is_not_waited_for():
    line = Line()
    line.add(0, now=0.0)
    line.add(40, now=MAX_SILENCE + 0.1)
    assert line.given == [0, None, 40] and not line.ordering.held
    line.add(41, now=MAX_SILENCE + 0.1)
    assert line.given == [0, None, 40, 41]


def test_a_great_leap_is_not_waited_for_either():
    line = Line()
    line.add(0)
    line.add(10_000)
    assert line.given == [0, None, 10_000] and line.ordering.given_up == 9_999


def test_a_sender_that_counts_anew_may_begin_anywhere():
    line = Line()
    line.add(500)
    line.add(502)
    line.ordering.start_over()
    line.add(3)
    line.add(4)
    assert line.given == [500, None, 3, 4] and not line.ordering.held
