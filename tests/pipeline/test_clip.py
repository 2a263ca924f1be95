"""Clips: cut at a keyframe, remuxed, playable, in time."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clip import SLACK, TOLERANCE, ClipError, Cut, Gap, cut, remux
from pipeline.frames import EncodedFrame
from tests.attacks.bombs import h264_keyframe
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


def test_nothing_gives_no_clip():
    assert cut([], [], 5.0) is None


def test_a_clip_begins_at_a_change_of_size():
    small, large = b"\1\0\1\0", b"\2\0\2\0"
    video = [made_up(n / 2, keyframe=n % 2 == 0, format_=small if n < 8 else large) for n in range(12)]
    chosen = cut(video, [], 5.0)
    assert chosen.start == 4.0 and chosen.end == 5.5


def test_nothing_from_before_the_given_moment_is_in_a_cut(media):
    chosen = cut(*media, 5.0, since=6.5)
    assert chosen.start == pytest.approx(7.0, abs=0.05)
    assert all(frame.start >= chosen.start for frame in (*chosen.video, *chosen.audio))
    assert cut(*media, 5.0, since=8.5) is None  # no keyframe since then, though there is sound


def test_a_camera_that_stopped_leaves_sound_alone_and_no_old_picture(media):
    video, audio = media
    stopped = [frame for frame in video if frame.start < 4]
    chosen = cut(stopped, audio, 5.0)
    assert not chosen.video and chosen.end == audio[-1].start
    assert chosen.end - chosen.start == pytest.approx(5, abs=0.05)


def test_a_microphone_that_stopped_leaves_a_cut_without_old_sound(media):
    video, audio = media
    chosen = cut(video, [frame for frame in audio if frame.start < 2], 5.0)
    assert chosen.video and not chosen.audio


def test_sound_never_goes_on_after_the_picture(media):
    video, audio = media
    chosen = cut([frame for frame in video if frame.start < 8.5], audio, 5.0)
    assert chosen.audio[-1].start <= chosen.end


@pytest.mark.parametrize(
    ("keyframes", "lasts"),
    [((0, 5, 9), 4), ((0, 4, 9), 5), ((0, 2.6, 9), 6.4), ((0, 8.7, 9), 9), ((0, 7.5, 9), 1.5), ((6, 9), 3)],
)
def test_a_clip_is_about_as_long_as_asked_for_whatever_the_keyframes(keyframes, lasts):
    video = [made_up(at) for at in keyframes]
    chosen = cut(video, [], 5.0)
    assert chosen.end - chosen.start == pytest.approx(lasts)


@given(
    st.lists(st.tuples(st.floats(0.01, 1), st.booleans()), min_size=1, max_size=100),
    st.floats(0.5, 10),
)
def test_a_cut_begins_on_a_keyframe_ends_with_the_newest_frame_and_is_the_best_there_is(steps, length):
    now, video = 0.0, [made_up(0.0)]
    for gap, keyframe in steps:
        now += gap
        video.append(made_up(now, keyframe=keyframe))
    chosen = cut(video, [], length)
    assert isinstance(chosen, Cut)
    assert chosen.video[0].keyframe and chosen.video[-1] is video[-1]
    possible = [now - frame.start for frame in video if frame.keyframe]
    good = [each for each in possible if length - TOLERANCE <= each <= length + SLACK]
    assert chosen.end - chosen.start in (good[-1:] or possible)


@pytest.mark.parametrize(
    "frame",
    [
        made_up(0.0, codec="h264", format_=b"\x67garbage"),
        made_up(0.0, codec="vp8", format_=b"\0\0\0\0"),
    ],
)
def test_frames_that_no_container_takes_are_an_error_of_ours(frame):
    with pytest.raises(ClipError):
        remux(Cut(video=[frame], audio=[], start=0.0, end=0.0))


def test_a_clip_says_where_frames_were_lost_and_its_beginning_is_no_gap(media):
    video, audio = media
    chosen = cut(video, audio, 5.0)
    keyframes = [index for index, frame in enumerate(chosen.video) if frame.keyframe]
    again = keyframes[2]
    lossy = replace(
        chosen,
        video=[
            replace(frame, contiguous=index not in (0, again)) for index, frame in enumerate(chosen.video)
        ],
        audio=[replace(frame, contiguous=index not in (0, 40)) for index, frame in enumerate(chosen.audio)],
    )
    sound = Gap(kind="audio", start=chosen.audio[39].start, end=chosen.audio[40].start)
    picture = Gap(kind="video", start=chosen.video[again - 1].start, end=chosen.video[again].start)
    assert list(remux(lossy).gaps) == [sound, picture]
    assert list(remux(chosen).gaps) == []


def test_nothing_is_decoded_to_put_h264_into_a_container(monkeypatch):
    """FFmpeg would decode the first picture to learn of its format, here one of 64 megapixels."""
    opened_with = []
    real_open = av.open

    def noted(file, *given, **options):
        opened_with.append(options.get("stream_options"))
        return real_open(file, *given, **options)

    monkeypatch.setattr(av, "open", noted)
    keyframe = h264_keyframe(8192, 8192)
    frame = EncodedFrame(codec="h264", data=keyframe, start=0.0, keyframe=True, format=b"sps")
    clip = remux(Cut(video=[frame], audio=[], start=0.0, end=0.0))
    assert [{"skip_frame": "all"}] in opened_with
    monkeypatch.undo()
    with opened(clip) as file:
        assert (file.streams.video[0].width, file.streams.video[0].height) == (8192, 8192)
