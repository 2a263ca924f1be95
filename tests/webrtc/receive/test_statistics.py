"""Statistics of a stream: loss, jitter and freezes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.receive.sequence import Unwrapper
from webrtc.receive.statistics import FREEZE_EXCESS, Freezes, Statistics


@given(st.integers(0, 0xFFFF), st.sets(st.integers(1, 398)))
def test_what_was_lost_is_what_did_not_come(first, lost):
    statistics, unwrapper = Statistics(90_000), Unwrapper()
    for place in range(400):
        if place not in lost:
            sequence = unwrapper.take((first + place) % 65_536)
            statistics.add(sequence, place * 3000, 100, place / 30)
    assert statistics.packets_received == 400 - len(lost)
    assert statistics.packets_lost == len(lost)
    assert statistics.packets_expected == 400
    assert statistics.bytes_received == 100 * (400 - len(lost))
    assert statistics.max_seq & 0xFFFF == (first + 399) % 65_536


def test_the_fraction_lost_is_that_since_the_last_report():
    statistics = Statistics(90_000)
    for sequence in (1, 2, 3, 5):
        statistics.add(sequence, 0, 1, 0.0)
    assert statistics.fraction_lost == 256 // 5
    assert statistics.fraction_lost == 0
    statistics.add(4, 0, 1, 0.0)  # came after all
    assert statistics.packets_lost == 0 and statistics.fraction_lost == 0
    statistics.add(7, 0, 1, 0.0)
    assert statistics.fraction_lost == 128


def test_a_steady_sender_has_no_jitter_over_the_wrap_of_its_timestamps():
    statistics = Statistics(90_000)
    for place in range(200):
        timestamp = (0xFFFF_FF00 + place * 3000) & 0xFFFFFFFF
        for part in range(3):
            statistics.add(place * 3 + part, timestamp, 1, 5.0 + place / 30)
    assert statistics.jitter_seconds == pytest.approx(0.0, abs=1e-9) and statistics.jitter == 0


def test_frames_that_come_early_and_late_in_turn_have_jitter():
    statistics = Statistics(90_000)
    for place in range(500):
        statistics.add(place, place * 3000, 1, place / 30 + (0.01 if place % 2 else 0.0))
    assert statistics.jitter_seconds == pytest.approx(0.01, rel=0.05)
    assert statistics.jitter == pytest.approx(900, rel=0.05)


def test_who_counts_anew_has_lost_nothing_by_it():
    statistics = Statistics(90_000)
    for sequence in (50_000, 50_001):
        statistics.add(sequence, 0, 1, 0.0)
    statistics.start_over()
    for sequence in (7, 8):
        statistics.add(sequence, 0, 1, 1.0)
    assert statistics.packets_lost == 0 and statistics.packets_received == 2


def test_a_freeze_is_a_pause_much_longer_than_usual():
    freezes = Freezes()
    for place in range(60):
        freezes.see(place / 30)
    assert freezes.count == 0
    freezes.see(59 / 30 + 1.0)
    assert freezes.count == 1 and freezes.seconds == pytest.approx(1.0)
    freezes.see(59 / 30 + 1.0 + 1 / 30)
    assert freezes.count == 1


def test_a_slow_camera_does_not_freeze_by_being_slow():
    freezes = Freezes()
    for place in range(20):
        freezes.see(place * 0.5)
    assert freezes.count == 0
    freezes.see(19 * 0.5 + 0.5 + FREEZE_EXCESS)
    assert freezes.count == 0
