"""The ring: bounded in seconds and bytes, always beginning on a keyframe."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.ring import Ring
from tests.pipeline.frames import made_up


def filled(frames, *, duration=10.0, max_bytes=10**9):
    ring = Ring(duration, max_bytes)
    for frame in frames:
        ring.append(frame)
    return ring


def test_what_comes_before_the_first_keyframe_is_not_kept():
    ring = filled([made_up(0, keyframe=False), made_up(0.1), made_up(0.2, keyframe=False)])
    assert [frame.start for frame in ring.snapshot()] == [0.1, 0.2]


def test_ten_seconds_with_a_keyframe_a_second_keep_nine_to_ten():
    ring = filled(made_up(n / 30, keyframe=n % 30 == 0) for n in range(30 * 25))
    assert 9 <= ring.duration <= 10
    assert ring.snapshot()[0].keyframe


def test_a_track_that_brings_nothing_new_ages_by_whole_groups_until_it_is_empty():
    ring = filled(made_up(n / 10, keyframe=n % 10 == 0) for n in range(50))
    ring.age(11.5)
    assert ring.snapshot()[0].start == 2.0 and ring.snapshot()[0].keyframe
    ring.age(15.0)
    assert (len(ring), ring.bytes, ring.newest) == (0, 0, None)


def test_audio_keeps_almost_exactly_ten_seconds():
    ring = filled(made_up(n / 50, codec="opus") for n in range(50 * 25))
    assert 9.97 < ring.duration <= 10


def test_a_group_longer_than_the_ring_leaves_nothing_that_cannot_be_decoded():
    ring = filled(made_up(n / 10, keyframe=n == 0) for n in range(150))
    assert len(ring) == 0 and ring.bytes == 0


@given(
    st.lists(st.tuples(st.floats(0.001, 3), st.booleans(), st.integers(1, 5000)), max_size=200),
    st.floats(0.5, 12),
    st.integers(1000, 20_000),
)
def test_the_bounds_hold_for_any_frames(steps, duration, max_bytes):
    ring, now = Ring(duration, max_bytes), 0.0
    for gap, keyframe, size in steps:
        now += gap
        ring.append(made_up(now, keyframe=keyframe, size=size))
        held = ring.snapshot()
        assert ring.duration <= duration
        assert ring.bytes == sum(len(frame.data) for frame in held) <= max_bytes
        assert not held or held[0].keyframe
        assert not held or ring.newest is held[-1]
