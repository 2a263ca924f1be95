"""The payload against aiortc's own writers of payloads."""

from __future__ import annotations

import pytest
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import VpxPayloadDescriptor
from hypothesis import given
from hypothesis import strategies as st

from webrtc.receive.payload import DEPAYLOAD


@st.composite
def descriptors(draw):
    layer = draw(st.none() | st.tuples(st.integers(0, 3), st.integers(0, 1)))
    return VpxPayloadDescriptor(
        partition_start=draw(st.integers(0, 1)),
        partition_id=draw(st.integers(0, 7)),
        picture_id=draw(st.none() | st.integers(0, 0x7FFF)),
        tl0picidx=draw(st.none() | st.integers(0, 255)),
        tid=layer,
        keyidx=draw(st.none() | st.integers(0, 31)),
    )


@given(descriptors(), st.binary(min_size=1, max_size=40))
def test_a_vp8_descriptor_is_taken_off_and_tells_where_a_frame_begins(descriptor, data):
    found, begins, _ = DEPAYLOAD["vp8"](bytes(descriptor) + data)
    assert found == data
    assert begins == bool(descriptor.partition_start and not descriptor.partition_id)


@given(descriptors())
def test_a_vp8_descriptor_with_nothing_behind_it_is_refused(descriptor):
    whole = bytes(descriptor)
    for end in range(len(whole) + 1):
        with pytest.raises(ValueError):
            DEPAYLOAD["vp8"](whole[:end])


@given(st.lists(st.binary(min_size=1, max_size=3000), min_size=1, max_size=6))
def test_h264_comes_out_as_it_went_in(bodies):
    units = [b"\x65" + body.replace(b"\0", b"\1") for body in bodies]
    packets = H264Encoder._packetize(iter(units))
    joined = b"".join(DEPAYLOAD["h264"](packet)[0] for packet in packets)
    assert joined == b"".join(b"\0\0\0\1" + unit for unit in units)


@pytest.mark.parametrize(
    ("payload", "begins"),
    [
        (b"\x67\x42\0\x1f", True),  # SPS
        (b"\x06\x05\x01", True),  # SEI
        (b"\x09\x10", True),  # access unit delimiter
        (b"\x18\0\x04\x67\x42\0\x1f", True),  # STAP-A with an SPS first
        (b"\x18\0\x02\x68\xce", False),  # STAP-A with a PPS
        (b"\x61\x9a\x01", False),  # a slice: it may be the second of its frame
        (b"\x7c\x85\x01", False),  # the first fragment of a slice
    ],
)
def test_h264_tells_where_a_frame_certainly_begins(payload, begins):
    assert DEPAYLOAD["h264"](payload)[1] is begins


@given(st.sampled_from(["vp8", "h264", "opus"]), st.binary(min_size=1, max_size=64))
def test_whatever_comes_is_read_or_refused(codec, payload):
    try:
        data, *_ = DEPAYLOAD[codec](payload)
    except ValueError:
        return
    assert isinstance(data, bytes)
