"""Clips: cut at a keyframe, remuxed, playable, in time."""

from __future__ import annotations

import io
from itertools import pairwise

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clip import TOLERANCE, Cut, cut, opening, remux
from tests.pipeline.frames import made_up, real


@pytest.fixture(scope="module", params=["vp8", "h264"])
def media(request):
    return real(request.param)


def opened(clip):
    return av.open(io.BytesIO(clip.data))


def times(clip, kind):
    with opened(clip) as file:
        stream = file.streams.get(**{kind: 0})[0]
        return [float(p.pts * p.time_base) for p in file.demux(stream) if p.pts is not None]


def test_a_clip_is_five_seconds_from_a_keyframe(media):
    chosen = cut(*media, 5.0)
    assert chosen.video[0].keyframe
    assert 5 - TOLERANCE <= chosen.end - chosen.start < 6
    assert all(chosen.start <= frame.start <= chosen.end + 0.1 for frame in chosen.audio)


def test_at_the_start_a_clip_is_as_long_as_there_is_media(media):
    video, audio = ([frame for frame in track if frame.start < 2.5] for track in media)
    chosen = cut(video, audio, 5.0)
    assert chosen.end - chosen.start == pytest.approx(1.5, abs=0.1)


def test_both_tracks_decode_without_an_error_from_the_first_frame(media):
    chosen = cut(*media, 5.0)
    with opened(remux(chosen)) as file:
        pictures = sum(1 for _ in file.decode(video=0))
    with opened(remux(chosen)) as file:
        samples = sum(frame.samples for frame in file.decode(audio=0))
    assert pictures == len(chosen.video)
    assert samples / 48_000 == pytest.approx(len(chosen.audio) * 0.02, abs=0.05)


def test_timestamps_grow_and_the_duration_is_right(media):
    clip = remux(cut(*media, 5.0))
    for kind in ("video", "audio"):
        assert all(a < b for a, b in pairwise(times(clip, kind)))
    with opened(clip) as file:
        assert file.duration / 1e6 == pytest.approx(clip.end - clip.start, abs=0.1)


def test_times_in_the_file_are_the_sessions_less_the_start(media):
    chosen = cut(*media, 5.0)
    for kind, frames in (("video", chosen.video), ("audio", chosen.audio)):
        found = times(remux(chosen), kind)
        # WebM counts in milliseconds, and MP4 shifts by the first frame.
        assert found == pytest.approx([frame.start - chosen.start for frame in frames], abs=0.021)


def test_the_container_goes_by_the_codec():
    assert remux(cut(*real("vp8"), 5.0)).container == "webm"
    assert remux(cut(*real("h264"), 5.0)).container == "mp4"


def test_a_clip_without_sound_and_one_without_picture_play(media):
    video, audio = media
    with opened(remux(cut(video, [], 5.0))) as file:
        assert [stream.type for stream in file.streams] == ["video"]
    with opened(remux(cut([], audio, 5.0))) as file:
        assert [stream.type for stream in file.streams] == ["audio"]
        assert sum(frame.samples for frame in file.decode(audio=0)) / 48_000 == pytest.approx(5, abs=0.1)


def test_the_opening_of_a_cut_is_its_first_picture_alone(media):
    chosen = cut(*media, 5.0)
    with opened(remux(opening(chosen))) as file:
        assert [stream.type for stream in file.streams] == ["video"]
        assert sum(1 for _ in file.decode(video=0)) == 1
    assert opening(cut([], media[1], 5.0)) is None


def test_nothing_gives_no_clip():
    assert cut([], [], 5.0) is None


def test_a_clip_begins_at_a_change_of_size():
    small, large = b"\1\0\1\0", b"\2\0\2\0"
    video = [made_up(n / 2, keyframe=n % 2 == 0, format_=small if n < 8 else large) for n in range(12)]
    chosen = cut(video, [], 5.0)
    assert chosen.start == 4.0 and chosen.end == 5.5


@given(
    st.lists(st.tuples(st.floats(0.01, 1), st.booleans()), min_size=1, max_size=100),
    st.floats(0.5, 10),
)
def test_a_cut_begins_on_a_keyframe_and_ends_with_the_newest_frame(steps, length):
    now, video = 0.0, [made_up(0.0)]
    for gap, keyframe in steps:
        now += gap
        video.append(made_up(now, keyframe=keyframe))
    chosen = cut(video, [], length)
    assert isinstance(chosen, Cut)
    assert chosen.video[0].keyframe and chosen.video[-1] is video[-1]
    # Either long enough, or there is no earlier keyframe to begin with.
    assert chosen.end - chosen.start >= length - TOLERANCE or chosen.start == 0.0
