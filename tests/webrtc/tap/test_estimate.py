"""The estimate: what aiortc's estimator would say of each packet, asked once a burst and not told without end."""

from __future__ import annotations

from itertools import pairwise
from math import inf

import pytest
from aiortc.rate import RateCounter, RemoteBitrateEstimator
from hypothesis import given
from hypothesis import strategies as st

from webrtc.tap.estimate import BURST, LEAST, LOWER, MOST_SOURCES, SETTLED, Estimate, Rate

TICKS = 1 << 18


def calls(packets):
    """(send time, bytes, arrival) of every packet: an estimate, one by one, and by bursts with a report a second."""
    one_by_one, bursts = RemoteBitrateEstimator(), Estimate()
    plain, told, reported = [], [], 0.0
    for sent, size, now in packets:
        stamp = round(sent * TICKS) & 0xFFFFFF
        if each := one_by_one.add(
            abs_send_time=stamp, ssrc=7, arrival_time_ms=int(now * 1e3), payload_size=size
        ):
            plain.append((now, each[0]))
        at_once = bursts.add(stamp, 7, size, now)
        if at_once or now >= reported + 1.0:
            reported = reported if at_once else now
            if each := bursts.tell(now):
                told.append((now, each[0]))
    return plain, told


def frames(seconds, delay):
    """Thirty frames a second of eight packets each, 0.4 ms apart; `delay` gives seconds on the way."""
    for frame in range(seconds * 30):
        for part in range(8):
            sent = frame / 30 + part * 0.0004
            yield sent, 1100, 50.0 + sent + delay(sent)


def test_on_a_calm_link_the_estimate_is_that_of_the_packets_one_by_one_and_told_once_a_second():
    plain, told = calls(frames(30, lambda sent: 0.02))
    assert told[-1][1] == pytest.approx(plain[-1][1], rel=0.05)
    assert len(told) == pytest.approx(len(plain) / 2, abs=3)
    assert all(1.0 <= after[0] - before[0] < 1.3 for before, after in pairwise(told[1:]))
    assert told[0][0] <= plain[0][0] + 0.25, "the first does not wait"


def test_a_link_that_fills_up_lowers_it_as_soon_but_is_not_told_of_with_every_packet():
    plain, told = calls(frames(30, lambda sent: 0.02 + max(0.0, sent - 20) * 0.2))
    lowered = []
    for each in (plain, told):
        calm = [rate for at, rate in each if at < 70][-1]
        lowered.append([(at, rate) for at, rate in each if at >= 70 and rate < calm])
    assert lowered[1][0][0] <= lowered[0][0][0] + LEAST
    assert lowered[1][-1][1] == pytest.approx(lowered[0][-1][1], rel=0.2)
    assert len(lowered[0]) > 10 * len(lowered[1]), "that is what it would have cost"
    assert all(after[0] - before[0] >= LEAST for before, after in pairwise(told))


def test_the_send_time_may_wrap_and_packets_may_overtake_each_other():
    bursts, told = Estimate(), []
    for number in range(3000):
        sent = 63.9 + number / 100 + (0.012 if number % 7 == 0 else 0)
        bursts.add(round(sent * TICKS) & 0xFFFFFF, 7, 900, 10 + number / 100)
        told.append(bursts.tell(10 + number / 100) if number % 100 == 0 else None)
    rates = [each[0] for each in told if each is not None]
    assert rates[-1] > 700_000 and len(rates) > 20, "900 bytes a hundredth of a second are 720 kb/s"


@given(
    st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 3000), st.sampled_from(["add", "rate", "reset"])))
)
def test_the_rate_is_aiortcs(steps):
    ours, theirs, now = Rate(), RateCounter(1000, 8000), 5
    for later, size, what in steps:
        now += later
        if what == "add":
            ours.add(size, now)
            theirs.add(size, now)
        elif what == "reset":
            ours.reset()
            theirs.reset()
        assert ours.rate(now) == theirs.rate(now)


@given(
    st.lists(
        st.tuples(st.floats(0.006, 0.1), st.floats(-0.02, 0.03), st.integers(1, 60_000), st.integers(0, 9)),
        max_size=300,
    ),
    st.integers(0, 2**24 - 1),
)
def test_of_bursts_the_estimate_is_aiortcs(bursts, beginning):
    """Each burst is one packet, which is told of with the next, or with a report, which goes now and then."""
    theirs, ours, now, way = RemoteBitrateEstimator(), Estimate(), 100.0, 1.0
    told, plain, given, last, settled, before, newest, kept = [], [], 0.0, inf, 0.0, None, None, None
    for apart, later, size, chance in bursts:
        now, way = now + apart, max(0.0, way + later)
        burst = (
            (beginning + round(now * TICKS)) & 0xFFFFFF,
            size,
            max(now + way, before[2] if before else 0.0),
        )
        at_once = ours.add(burst[0], 7, size, burst[2])
        told.append((at_once, ours.tell(burst[2]) if at_once or not chance else None))
        rate, expected = None, False
        if before is not None and (burst[0] - before[0]) & 0xFFFFFF > BURST:
            rate = theirs.add(
                abs_send_time=before[0], ssrc=7, arrival_time_ms=int(before[2] * 1e3), payload_size=before[1]
            )
        newest = rate or newest
        if before is not None and burst[2] >= settled + SETTLED:
            settled = burst[2]
            expected = bool(newest and newest[0] < LOWER * last and burst[2] >= given + LEAST)
            kept, newest = newest or kept, None
        rate = None
        if (expected or not chance) and kept:
            rate, kept, given, last = kept, None, burst[2], kept[0]
        plain.append((expected, rate))
        before = burst
    assert told == plain


def test_it_is_for_the_newest_sources_only():
    ours, told = Estimate(), None
    for number in range(6000):
        now = number / 30
        ours.add(round(now * TICKS) & 0xFFFFFF, number // 10, 900, now)
        told = ours.tell(now) or told
    assert len(told[1]) == MOST_SOURCES
