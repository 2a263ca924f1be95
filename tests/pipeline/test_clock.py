"""The clock: unwrapping, never stepping back, and lining tracks up by sender reports."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clock import SLEW, SessionClock

VIDEO, AUDIO = 90_000, 48_000
WRAP = 1 << 32


def play(clock, rate, first, times, *, delay=0.0):
    """The session times of frames captured at `times`, whose timestamps begin at `first`."""
    return [clock.time_of((first + round(t * rate)) % WRAP, t + delay) for t in times]


def test_the_first_frame_is_placed_by_its_arrival():
    clock = SessionClock(origin=100.0).track(VIDEO)
    assert clock.time_of(12_345, 101.5) == pytest.approx(1.5)


@given(first=st.integers(0, WRAP - 1), step=st.integers(1, 9000))
def test_time_goes_on_evenly_across_the_wrap_of_the_timestamp(first, step):
    clock = SessionClock(0.0).track(VIDEO)
    times = [n * step / VIDEO for n in range(200)]
    starts = play(clock, VIDEO, first, times)
    assert starts[0] == pytest.approx(0, abs=0.002)
    for (a, b), n in zip(pairwise(starts), range(199), strict=True):
        assert b - a == pytest.approx(max(step / VIDEO, 0.001), abs=1e-3), n


@given(st.lists(st.tuples(st.integers(-4000, 9000), st.floats(0, 0.5)), min_size=2, max_size=100))
def test_time_always_grows_whatever_a_sender_does(steps):
    clock = SessionClock(0.0).track(VIDEO)
    timestamp, arrival, last = 0, 0.0, -1.0
    for step, wait in steps:
        timestamp, arrival = timestamp + step, arrival + wait
        start = clock.time_of(timestamp % WRAP, arrival)
        assert start > last
        last = start


def test_a_small_step_back_of_the_timestamp_is_not_a_wrap():
    clock = SessionClock(0.0).track(VIDEO)
    play(clock, VIDEO, 0, [0, 0.033, 0.066])
    assert clock.time_of(round(0.05 * VIDEO), 0.1) == pytest.approx(0.067, abs=0.002)


def test_a_sender_that_starts_over_is_placed_anew_by_arrival():
    clock = SessionClock(0.0).track(VIDEO)
    play(clock, VIDEO, 1_000_000, [n / 30 for n in range(60)])
    assert clock.time_of(7, 2.0) == pytest.approx(2.0, abs=0.01)


def test_another_camera_whose_timestamps_begin_a_little_lower_is_placed_anew_by_arrival():
    clock = SessionClock(0.0).track(VIDEO)
    play(clock, VIDEO, 0, [n / 30 for n in range(90)])
    starts = [clock.time_of(round(n / 30 * VIDEO), 3.0 + n / 30) for n in range(30)]
    assert starts == pytest.approx([3.0 + n / 30 for n in range(30)], abs=0.01)


def test_a_sender_whose_time_runs_fast_does_not_take_the_session_into_the_future():
    clock = SessionClock(0.0).track(VIDEO)
    starts = [clock.time_of(round(n * 4.9 * VIDEO) % WRAP, n * 0.1) for n in range(300)]
    assert starts[-1] < 29.9 + 6


def test_frames_held_up_at_the_start_do_not_delay_the_rest():
    clock = SessionClock(0.0).track(VIDEO)
    clock.time_of(0, 0.3)  # captured at 0, came 300 ms late; all others come at once
    starts = play(clock, VIDEO, 0, [n / 30 for n in range(1, 200)])
    assert starts[-1] == pytest.approx(199 / 30, abs=0.01)


def lip_sync(video_delay, audio_delay, *, seconds=8.0, audio_from=0.0):
    """How far apart the same moment lies in audio and video, per second of a call with sender reports."""
    session = SessionClock(0.0)
    video, audio = session.track(VIDEO), session.track(AUDIO)
    apart, video_starts = [], []
    events = [(n / 30, "video") for n in range(int(seconds * 30))]
    events += [(audio_from + n / 50, "audio") for n in range(int((seconds - audio_from) * 50))]
    newest = {}
    for t, kind in sorted(events):
        clock, rate, delay = (video, VIDEO, video_delay) if kind == "video" else (audio, AUDIO, audio_delay)
        start = clock.time_of((77_000 + round(t * rate)) % WRAP, t + delay)
        newest[kind] = start - t
        if kind == "video":
            video_starts.append(start)
        if len(newest) == 2:
            apart.append((t, abs(newest["video"] - newest["audio"])))
        if abs(t - round(t)) < 1e-6:
            clock.sender_report((77_000 + round(t * rate)) % WRAP, 1_700_000_000 + t)
    return apart, video_starts


def test_sender_reports_line_up_tracks_that_arrive_80_ms_apart():
    apart, _ = lip_sync(0.033, 0.113)
    assert max(gap for t, gap in apart if t < 0.9) == pytest.approx(0.08, abs=0.005)
    assert max(gap for t, gap in apart if t > 3) < 0.002


def test_sender_reports_line_up_a_track_that_starts_three_seconds_late():
    apart, _ = lip_sync(0.02, 0.3, audio_from=3.0, seconds=12)
    assert max(gap for t, gap in apart if t > 8) < 0.002


@pytest.mark.parametrize("drift", [-3e-4, 3e-4])
def test_a_microphone_whose_clock_drifts_stays_with_the_picture(drift):
    session = SessionClock(0.0)
    video, audio = session.track(VIDEO), session.track(AUDIO)
    apart = []
    for n in range(10 * 60 * 50):
        t = n / 50
        sound = audio.time_of(round(t * AUDIO * (1 + drift)) % WRAP, t + 0.03)
        if n % 2 == 0:
            apart.append((t, abs(video.time_of(round(t * VIDEO), t + 0.03) - sound)))
        if n % 50 == 0 and n:
            video.sender_report(round(t * VIDEO), 1_700_000_000 + t)
            audio.sender_report(round(t * AUDIO * (1 + drift)) % WRAP, 1_700_000_000 + t)
    assert max(gap for t, gap in apart if t > 3) <= 0.005


def test_a_correction_is_slewed_within_the_limit():
    _, starts = lip_sync(0.5, 0.0)
    for a, b in pairwise(starts):
        assert (1 - SLEW) / 30 - 1e-3 <= b - a <= (1 + SLEW) / 30 + 1e-3


def test_a_report_before_the_first_frame_is_passed_over():
    clock = SessionClock(0.0).track(VIDEO)
    clock.sender_report(5, 1.0)
    assert clock.report is None


@given(st.lists(st.floats(0, 0.4), min_size=30, max_size=120))
def test_no_frame_is_later_than_it_arrived(delays):
    clock, arrived = SessionClock(0.0).track(VIDEO), 0.0
    for n, delay in enumerate(delays):
        arrived = max(arrived + 0.002, n / 30 + delay)  # in order, as frames are given out
        assert clock.time_of(round(n / 30 * VIDEO), arrived) <= arrived + 1e-9


def test_sound_that_the_sender_lost_leaves_a_gap_and_the_rest_in_its_place():
    session = SessionClock(0.0)
    video, audio = session.track(VIDEO), session.track(AUDIO)
    apart, pictures = [], []
    for n in range(20 * 50):
        t = n / 50
        heard = t if t < 5 else t - 0.9  # the timestamps stand still for 0.9 s
        sound = None if 5 <= t < 5.9 else audio.time_of(round(heard * AUDIO), t + 0.03)
        picture = video.time_of(round(t * VIDEO), t + 0.03)
        pictures.append(picture - t)
        if sound is not None:
            apart.append((t, abs(picture - sound)))
        if n % 50 == 49:
            video.sender_report(round(t * VIDEO), 1_700_000_000 + t)
            audio.sender_report(round(heard * AUDIO), 1_700_000_000 + t)
    assert max(gap for t, gap in apart if t < 5 or t > 7) <= 0.005
    assert max(pictures) - min(pictures) <= 0.005, "the picture stays where it was"


def test_a_sender_whose_clock_is_slow_does_not_fall_behind_its_arrivals():
    clock = SessionClock(0.0).track(AUDIO)
    behind = [
        n / 50 - clock.time_of(round(n / 50 * AUDIO * (1 - 3e-4)) % WRAP, n / 50) for n in range(600 * 50)
    ]
    assert max(behind) <= 0.01
