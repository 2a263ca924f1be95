"""What can be read off an encoded video frame without decoding it."""

from __future__ import annotations

from pipeline.frames import Codec

_IDR, _SPS = 5, 7


def keyframe_format(codec: Codec, data: bytes) -> bytes | None:
    """The part of a keyframe that fixes the decoder's set-up, or None when the frame is not a keyframe.

    VP8: the four bytes of width and height (RFC 6386 section 9.1). H264: the sequence parameter set (ITU-T H.264
    section 7.3.2.1). A frame from which no decoder could be set up, for want of a size or of that set, is none.
    """
    if codec == "vp8":
        if len(data) < 10 or data[0] & 1 or data[3:6] != b"\x9d\x01\x2a":
            return None
        return data[6:10] if all(vp8_size(data[6:10])) else None
    if codec == "h264":
        return _h264_format(data)
    return None


def vp8_size(format_: bytes) -> tuple[int, int]:
    """Width and height in pixels; the upper two bits of each are a scaling hint (RFC 6386 section 9.1)."""
    width, height = int.from_bytes(format_[:2], "little"), int.from_bytes(format_[2:], "little")
    return width & 0x3FFF, height & 0x3FFF


def _h264_format(data: bytes) -> bytes | None:
    keyframe, parameters = False, b""
    start = data.find(b"\0\0\1")
    while start >= 0:
        end = data.find(b"\0\0\1", start + 3)
        nal = data[start + 3 : end if end >= 0 else len(data)]
        kind = nal[0] & 31 if nal else 0
        if kind == _SPS:
            parameters = nal.rstrip(b"\0")
        if kind == _IDR:
            keyframe = True
            break
        start = end
    return parameters if keyframe and parameters else None
