"""What is missing: when it is asked for, how often, and what is learnt from the answers."""

from __future__ import annotations

from itertools import pairwise

import pytest

from webrtc.receive.missing import (
    LATER,
    MAX_OVERTAKEN,
    MAX_RATION,
    RATION,
    RTT_AT_FIRST,
    SHORTEST_RETRY,
    Missing,
)


def test_it_is_asked_for_at_once_and_again_each_time_later():
    missing, asked = Missing(asks=True), []
    missing.note([5], 10.0)
    while (now := missing.due) < 11:
        assert missing.ask(now) == [5]
        asked.append(now)
    assert asked[0] == 10.0 and len(asked) == 6
    gaps = [after - before for before, after in pairwise(asked)]
    assert gaps == pytest.approx([1.25 * RTT_AT_FIRST * LATER**place for place in range(5)])


def test_requests_are_rationed_by_what_arrives():
    missing, asked = Missing(asks=True), 0
    for place in range(2000):
        now = place / 200
        missing.arrived += 1
        missing.note([place], now)  # as much is lost as arrives
        asked += len(missing.ask(now))
        missing.give_up(place - 40)
    assert asked <= MAX_RATION + RATION * 2000
    assert asked >= RATION * 2000
    assert missing.due > 9.9, "what may not be asked for yet is due later, and not all the time"


def test_a_sender_that_does_not_answer_requests_is_not_asked():
    missing = Missing(asks=False)
    missing.note([5, 6], 0.0)
    assert missing.ask(1.0) == [] and missing.due == float("inf") and len(missing) == 2


def test_the_round_trip_is_learnt_from_answers_to_a_single_request():
    missing = Missing(asks=True)
    for at in range(100):
        missing.note([at], at)
        missing.ask(at)
        missing.found(at, at + 0.2, retransmitted=True)
    assert missing.round_trip == pytest.approx(0.2)
    missing.note([1000], 1000.0)
    missing.ask(1000.0)
    assert missing.due == pytest.approx(1000.25)


def test_an_answer_to_one_of_two_requests_teaches_nothing():
    missing = Missing(asks=True)
    missing.note([1], 0.0)
    missing.ask(0.0)
    missing.ask(0.1)
    missing.found(1, 0.11, retransmitted=True)
    assert missing.round_trip is None and len(missing) == 0


def test_requests_are_never_closer_than_the_shortest_retry():
    missing = Missing(asks=True)
    for at in range(50):
        missing.note([at], at)
        missing.ask(at)
        missing.found(at, at + 0.0001, retransmitted=True)
    missing.note([99], 99.0)
    missing.ask(99.0)
    assert missing.due == pytest.approx(99.0 + SHORTEST_RETRY)


def test_where_packets_overtake_each_other_a_packet_is_given_that_long_to_come_by_itself():
    missing = Missing(asks=True)
    missing.note([1], 0.0)
    missing.found(1, 0.03, retransmitted=False)
    missing.note([2], 1.0)
    assert 1.025 < missing.due <= 1.03
    missing.found(2, 3.0, retransmitted=False)  # a straggler must not make all that follow wait
    missing.note([3], 4.0)
    assert missing.due <= 4.0 + MAX_OVERTAKEN


def test_what_was_learnt_of_overtaking_is_forgotten_when_it_stops():
    missing = Missing(asks=True)
    missing.note([0], 0.0)
    missing.found(0, 0.05, retransmitted=False)
    for at in range(1, 300):
        missing.note([at], at)
        missing.found(at, at + 0.5, retransmitted=True)
    missing.note([1000], 1000.0)
    assert missing.due < 1000.001


def test_what_is_given_up_is_not_asked_for():
    missing = Missing(asks=True)
    missing.note(range(5), 0.0)
    missing.give_up(3)
    assert missing.ask(1.0) == [3, 4] and 2 not in missing and 3 in missing
