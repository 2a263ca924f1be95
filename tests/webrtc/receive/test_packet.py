"""The packet against aiortc's own writer of packets, and against what nobody should send."""

from __future__ import annotations

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensionsMap, RtpPacket, wrap_rtx
from hypothesis import given
from hypothesis import strategies as st

from webrtc.receive.packet import find_extension, parse, unwrap_retransmission

ABSOLUTE_SEND_TIME, LEVEL = 3, 5

EXTENSIONS = HeaderExtensionsMap()
EXTENSIONS.configure(
    RTCRtpParameters(
        headerExtensions=[
            RTCRtpHeaderExtensionParameters(
                id=ABSOLUTE_SEND_TIME, uri="http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
            ),
            RTCRtpHeaderExtensionParameters(id=LEVEL, uri="urn:ietf:params:rtp-hdrext:ssrc-audio-level"),
        ]
    )
)


@st.composite
def packets(draw):
    packet = RtpPacket(
        payload_type=draw(st.integers(0, 127)),
        marker=draw(st.integers(0, 1)),
        sequence_number=draw(st.integers(0, 0xFFFF)),
        timestamp=draw(st.integers(0, 0xFFFFFFFF)),
        ssrc=draw(st.integers(0, 0xFFFFFFFF)),
        payload=draw(st.binary(max_size=64)),
    )
    packet.csrc = draw(st.lists(st.integers(0, 0xFFFFFFFF), max_size=15))
    packet.padding_size = draw(st.integers(0, 255))
    packet.extensions.abs_send_time = draw(st.none() | st.integers(0, 0xFFFFFF))
    packet.extensions.audio_level = draw(st.none() | st.tuples(st.booleans(), st.integers(0, 127)))
    return packet


@given(packets())
def test_what_aiortc_writes_is_read(sent):
    read = parse(sent.serialize(EXTENSIONS))
    assert (read.payload_type, read.marker) == (sent.payload_type, bool(sent.marker))
    assert (read.sequence, read.timestamp, read.ssrc) == (sent.sequence_number, sent.timestamp, sent.ssrc)
    assert read.payload == sent.payload
    if not read.extensions:
        assert sent.extensions.abs_send_time is sent.extensions.audio_level is None
        return
    found = find_extension(read.extensions, ABSOLUTE_SEND_TIME)
    assert (None if found is None else int.from_bytes(found)) == sent.extensions.abs_send_time
    if sent.extensions.audio_level is not None:
        voice, level = sent.extensions.audio_level
        assert find_extension(read.extensions, LEVEL) == bytes([voice << 7 | level])


@given(st.binary(max_size=80))
def test_whatever_comes_is_read_or_refused(data):
    try:
        packet = parse(data)
    except ValueError:
        return
    assert len(packet.payload) <= len(data) - 12


@given(packets(), st.data())
def test_a_packet_that_was_cut_off_or_changed_is_read_or_refused(sent, data):
    written = bytearray(sent.serialize(EXTENSIONS))
    for _ in range(data.draw(st.integers(1, 4))):
        written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(written[: data.draw(st.integers(0, len(written)))])
    try:
        parse(cut)
    except ValueError:
        return


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80" * 11,
        b"\x40" + bytes(11),  # version 1
        b"\x90" + bytes(11),  # extensions, and nothing behind the header
        b"\x90" + bytes(11) + b"\xbe\xde\0\x02" + bytes(4),  # fewer of them than it says
        b"\xa0" + bytes(11),  # padding, and none there
        b"\xa0" + bytes(11) + b"\x01\x03",  # more padding than payload
        b"\x8f" + bytes(11),  # fifteen contributing sources, and none there
    ],
)
def test_what_is_no_packet_is_refused(data):
    with pytest.raises(ValueError):
        parse(data)


def found_in(block):
    """The extensions of a block by their identifiers."""
    found = {identifier: find_extension(block, identifier) for identifier in range(1, 256)}
    return {identifier: data for identifier, data in found.items() if data is not None}


def test_extensions_in_two_bytes_are_read():
    block = b"\x10\0\0\x03" + bytes([1, 0, 2, 3, 7, 8, 9, 0, 4, 1, 5, 0])
    assert found_in(block) == {1: b"", 2: b"\x07\x08\x09", 4: b"\x05"}


def test_extensions_of_another_kind_or_cut_off_are_left_out():
    assert found_in(b"\x12\x34\0\0\x10\x01") == {}
    assert found_in(b"\xbe\xde\0\0\x10\x07\x22\x01") == {1: b"\x07"}
    assert found_in(b"\xbe\xde\0\0\x10\x07\xf0\x01\x20\x05") == {1: b"\x07"}
    assert found_in(b"\x10\0\0\0\x01\x01\x07\x02\x03\x05") == {1: b"\x07"}


@given(packets(), st.integers(0, 0xFFFF))
def test_what_aiortc_sends_again_is_unwrapped(sent, sequence):
    again = wrap_rtx(sent, payload_type=97, sequence_number=sequence, ssrc=7)
    packet = unwrap_retransmission(parse(again.serialize(EXTENSIONS)), sent.payload_type, sent.ssrc)
    assert packet is not None
    assert (packet.sequence, packet.timestamp, packet.ssrc) == (
        sent.sequence_number,
        sent.timestamp,
        sent.ssrc,
    )
    assert packet.payload == sent.payload and packet.payload_type == sent.payload_type


def test_a_retransmission_of_nothing_is_padding():
    assert unwrap_retransmission(parse(b"\x80\x61" + bytes(10) + b"\x01"), 96, 1) is None
