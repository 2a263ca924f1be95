"""Transport-wide feedback, read back as a sender reads it."""

from __future__ import annotations

from struct import unpack_from

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webrtc.receive.arrivals import HISTORY, SPARED, Arrivals


def read(report):
    """What a report says: its number, and the seconds at which each number arrived or None (section 3.1)."""
    base, count = unpack_from("!HH", report)
    reference = int.from_bytes(report[4:7], signed=True) * 0.064
    at, statuses = 8, []
    while len(statuses) < count:
        chunk = int.from_bytes(report[at : at + 2])
        at += 2
        if not chunk >> 15:
            statuses += [chunk >> 13 & 3] * (chunk & 0x1FFF)
        elif chunk >> 14 & 1:
            statuses += [chunk >> 2 * (6 - place) & 3 for place in range(7)]
        else:
            statuses += [chunk >> (13 - place) & 1 for place in range(14)]
    arrived, ticks = {}, 0
    for place, status in enumerate(statuses[:count]):
        if status == 1:
            ticks += report[at]
            at += 1
        elif status == 2:
            ticks += int.from_bytes(report[at : at + 2], signed=True)
            at += 2
        else:
            assert status == 0
        arrived[(base + place) & 0xFFFF] = reference + ticks * 0.00025 if status else None
    assert len(report) % 4 == 0 and 0 <= len(report) - at < 4
    return report[7], arrived


@settings(deadline=None)
@given(
    first=st.integers(0, 0xFFFF),
    start=st.floats(0, 400_000),
    steps=st.lists(
        st.tuples(st.integers(1, 60), st.one_of(st.floats(0, 0.03), st.floats(-0.02, 3.0))),
        min_size=1,
        max_size=120,
    ),
)
def test_a_sender_reads_when_each_packet_came_and_which_did_not(first, start, steps):
    arrivals, came, number, now = Arrivals(), {}, first, start
    for step, pause in steps:
        number, now = number + step, now + pause
        arrivals.add(number & 0xFFFF, now)
        came[number] = now
    said = {}
    for place, report in enumerate(arrivals.report(now)):
        counted, arrived = read(report)
        assert counted == place
        said |= {key: at for key, at in arrived.items() if at is not None}
    assert set(said) == {each & 0xFFFF for each in came}
    span = 0x1000000 * 0.064  # the reference time starts over
    for each, at in came.items():
        difference = (said[each & 0xFFFF] - at + span / 2) % span - span / 2
        assert difference == pytest.approx(0.0, abs=0.0003)


def test_each_report_takes_up_where_the_last_one_ended():
    arrivals = Arrivals()
    for number in range(10):
        arrivals.add(number, 100 + number / 100)
    first = [read(report) for report in arrivals.report(100.2)]
    assert not arrivals.pending and arrivals.report(100.3) == []
    arrivals.add(12, 100.25)
    second = [read(report) for report in arrivals.report(100.35)]
    assert [list(each[1]) for each in first + second] == [list(range(10)), [10, 11, 12]]
    assert [at is None for at in second[0][1].values()] == [True, True, False]
    assert [each[0] for each in first + second] == [0, 1]


def test_one_that_comes_late_is_told_of_with_those_after_it():
    arrivals = Arrivals()
    for number in (0, 1, 3, 4):
        arrivals.add(number, 100.0)
    arrivals.report(100.1)
    arrivals.add(2, 100.15)
    arrivals.add(5, 100.16)
    (report,) = arrivals.report(100.2)
    assert [key for key, at in read(report)[1].items() if at is not None] == [2, 3, 4, 5]


def test_what_was_told_long_ago_is_forgotten():
    arrivals = Arrivals()
    for number in range(1000):
        arrivals.add(number, number / 100)
        if number % 10 == 9:
            arrivals.report(number / 100)
    assert len(arrivals._arrived) <= HISTORY * 100 + 11


def test_a_packet_that_comes_twice_is_told_of_once():
    arrivals = Arrivals()
    arrivals.add(7, 1.0)
    arrivals.report(1.0)
    arrivals.add(7, 1.1)
    assert not arrivals.pending


def lost_before_sound():
    """The picture's 10 came, 11 and 12 did not, and the sound's 13 did."""
    arrivals = Arrivals()
    arrivals.add(10, 1.0, picture=True)
    arrivals.add(13, 1.03)
    return arrivals


def test_what_a_browser_would_send_again_unasked_a_sparing_report_does_not_show_yet():
    arrivals = lost_before_sound()
    ((_, arrived),) = map(read, arrivals.report(1.05, sparing=True))
    assert list(arrived) == [10]
    assert arrivals.report(1.1, sparing=True) == []
    arrivals.add(14, 1.12, picture=True)
    ((_, arrived),) = map(read, arrivals.report(1.15, sparing=True))
    assert [number for number, at in arrived.items() if at is None] == [11, 12]
    assert list(arrived) == [11, 12, 13, 14]


def test_a_sparing_report_does_not_wait_for_the_picture_for_long():
    arrivals = lost_before_sound()
    arrivals.report(1.05, sparing=True)
    ((_, arrived),) = map(read, arrivals.report(1.03 + SPARED, sparing=True))
    assert list(arrived) == [11, 12, 13]


def test_any_other_report_shows_it_at_once():
    ((_, arrived),) = map(read, lost_before_sound().report(1.05))
    assert list(arrived) == [10, 11, 12, 13]
