"""The payload: what part of a frame a packet carries, by codec (RFC 7741, RFC 6184, RFC 7587)."""

from __future__ import annotations

from collections.abc import Callable

from aiortc.codecs.h264 import h264_depayload

from pipeline.frames import Codec

_STAP_A = 24  # RFC 6184 section 5.2
_OPENERS = (6, 7, 9)  # SEI, SPS and delimiter come before what they are about (ITU-T H.264 section 7.4.1.2.3)


Part = tuple[bytes, bool, bool]
"""The bytes as they stand in the frame, whether they certainly are the beginning of one, and whether that may be a
keyframe. A plain tuple, as hundreds are made a second."""


def _vp8(payload: bytes) -> Part:
    """Skip the payload descriptor (RFC 7741 section 4.2)."""
    size, at = len(payload), 1
    first = payload[0] if size else 0
    if first & 0x80:  # X: extended
        if size < 2:
            raise ValueError("the descriptor is cut off")
        extended = payload[1]
        at = 2
        if extended & 0x80:  # I: a picture identifier of one or two bytes
            if size < 3:
                raise ValueError("the descriptor is cut off")
            at += 2 if payload[2] & 0x80 else 1
        at += bool(extended & 0x40) + bool(extended & 0x30)  # L, T and K
    if size <= at:
        raise ValueError("the descriptor is cut off")
    begins = first & 0x1F == 0x10  # S set, and the first partition
    return payload[at:], begins, begins and not payload[at] & 1  # RFC 6386 section 9.1


def _h264(payload: bytes) -> Part:
    begins = _begins_h264(payload)
    try:
        return bytes(h264_depayload(payload)), begins, begins
    except IndexError as error:
        raise ValueError("the fragment is cut off") from error


def _begins_h264(payload: bytes) -> bool:
    """Only what opens a keyframe or an access unit says of itself that it does."""
    kind = payload[0] & 31
    if kind == _STAP_A and len(payload) > 3:
        kind = payload[3] & 31
    return kind in _OPENERS


def _opus(payload: bytes) -> Part:
    return payload, True, True


DEPAYLOAD: dict[Codec, Callable[[bytes], Part]] = {"vp8": _vp8, "h264": _h264, "opus": _opus}
"""Takes the payload format of a codec off. Raises `ValueError` for a payload that is malformed."""
