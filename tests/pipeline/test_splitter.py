"""The splitter: where files begin and end."""

from __future__ import annotations

import pytest

from pipeline.splitter import Splitter
from tests.pipeline.frames import made_up

BOTH = ("video", "audio")


def sound(start):
    return made_up(start, codec="opus", format_=None)


def steps(splitter, *frames):
    return [splitter.take(frame) for frame in frames]


def test_a_file_begins_with_a_keyframe():
    delta = made_up(1.1, keyframe=False)
    assert steps(Splitter(BOTH), sound(1.0), delta, made_up(1.2), sound(1.3), delta) == [
        "skip", "skip", "begin", "go_on", "go_on",
    ]  # fmt: skip


def test_sound_alone_begins_one_after_a_while_and_a_picture_the_next():
    assert steps(Splitter(BOTH), sound(1.0), sound(2.9), sound(3.0), sound(3.1), made_up(3.2)) == [
        "skip", "skip", "begin", "go_on", "begin",
    ]  # fmt: skip


def test_a_call_without_a_camera_begins_at_once():
    assert steps(Splitter(("audio",)), sound(1.0), sound(1.02)) == ["begin", "go_on"]


@pytest.mark.parametrize(("codec", "step"), [("vp8", "go_on"), ("h264", "begin")])
def test_another_size_begins_a_file_in_h264_only(codec, step):
    frames = [made_up(1.0, codec=codec), made_up(2.0, codec=codec, format_=b"\5\6\7\x08")]
    assert steps(Splitter(BOTH), *frames) == ["begin", step]


def test_another_codec_begins_a_file():
    assert steps(Splitter(BOTH), made_up(1.0), made_up(2.0, codec="h264")) == ["begin", "begin"]


def test_what_follows_a_loss_waits_for_a_keyframe_and_sound_does_not():
    splitter = Splitter(BOTH)
    splitter.take(made_up(1.0))
    splitter.lost()
    delta = made_up(1.1, keyframe=False)
    assert steps(splitter, delta, sound(1.2), made_up(2.0), delta) == ["skip", "go_on", "go_on", "go_on"]


def test_after_its_end_the_next_keyframe_begins_one():
    splitter = Splitter(BOTH)
    splitter.take(made_up(1.0))
    splitter.ended()
    assert steps(splitter, made_up(1.1, keyframe=False), made_up(2.0)) == ["skip", "begin"]
