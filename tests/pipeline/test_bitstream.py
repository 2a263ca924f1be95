"""Keyframes are told from the rest by their first bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.bitstream import keyframe_format, vp8_size
from tests.pipeline.frames import real


@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_an_encoder_set_to_a_keyframe_a_second_is_seen_to_make_one(codec):
    video, _ = real(codec)
    keyframes = [round(frame.start, 1) for frame in video if frame.keyframe]
    assert keyframes == [float(second) for second in range(1, 9)]


def test_vp8_keyframes_tell_their_size():
    video, _ = real("vp8", 1)
    assert vp8_size(video[0].format) == (320, 240)


def test_h264_keyframes_tell_their_parameter_set():
    video, _ = real("h264", 3)
    formats = {frame.format for frame in video if frame.keyframe}
    assert len(formats) == 1 and formats.pop()[0] & 31 == 7


@pytest.mark.parametrize(
    ("codec", "data"),
    [("vp8", b"\x10\0\0\x9d\x01\x2a\0\0\0\0rest"), ("h264", b"\0\0\0\1\x65picture without parameters")],
)
def test_a_keyframe_that_no_decoder_could_be_set_up_from_is_none(codec, data):
    assert keyframe_format(codec, data) is None


@given(st.sampled_from(["vp8", "h264", "opus"]), st.binary(max_size=64))
def test_any_bytes_are_read_without_an_error(codec, data):
    assert isinstance(keyframe_format(codec, data), bytes | None)
