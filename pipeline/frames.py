"""The encoded frame: the one unit that travels from the tap to the clip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Codec = Literal["vp8", "h264", "opus"]
Kind = Literal["video", "audio"]

CLOCK_RATE: dict[Codec, int] = {"vp8": 90_000, "h264": 90_000, "opus": 48_000}
"""RTP timestamp units a second: RFC 7741 section 4.1, RFC 6184 section 8.2.1, RFC 7587 section 4.1."""


@dataclass(slots=True, kw_only=True)
class EncodedFrame:
    """One complete frame as the sender encoded it. Nobody changes one, but a frozen one would take four times as long.

    `data` is the VP8 frame, the H264 access unit in Annex B form, or the Opus packet. `start` is the moment it
    was captured, in seconds on the session's clock, and strictly grows within a track. `format` is set on video
    keyframes only: what a decoder must be set up with anew when it changes (see `bitstream`). `contiguous` is whether
    the frame before it in the track is the one that was sent before it: False after a loss.
    """

    codec: Codec
    data: bytes
    start: float
    keyframe: bool
    format: bytes | None = None
    contiguous: bool = True

    @property
    def kind(self) -> Kind:
        return "audio" if self.codec == "opus" else "video"
