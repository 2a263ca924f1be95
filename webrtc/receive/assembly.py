"""Assembly: from the packets of a stream, in order, to its frames.

A frame of video ends at the marker bit (RFC 3550 section 5.1), so that it leaves with its last packet and does not wait
for the next frame; those of a sender that sets none are told apart by the timestamp. A packet of sound is a frame.

A frame without a marker of a sender that does set them was cut short by it: Chromium, with a keyframe to send, throws
away what still waits to be sent, and counts on without a gap.

After a loss no frame of video can be decoded until a keyframe, so that none is given out before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline.bitstream import keyframe_format
from pipeline.frames import Codec, Kind
from webrtc.receive.packet import Packet
from webrtc.receive.payload import DEPAYLOAD

MAX_FRAME = 4 * 1024 * 1024
"""Bytes of a frame; what never ends is let go."""


@dataclass(slots=True)
class Frame:
    """One whole frame. `contiguous` is whether the one given out before it is the one that the sender sent before it;
    `format` is set on keyframes of video only (see `pipeline.bitstream`)."""

    codec: Codec
    data: bytes
    rtp_timestamp: int
    contiguous: bool
    keyframe: bool
    format: bytes | None


class Assembly:
    """Puts frames together and hands them to `emit`. `codecs` are those that can be kept, by payload type.

    `undecodable` counts frames that were let go after a loss; `missed` is whether a frame is known to have been missed
    since the last keyframe.
    """

    def __init__(self, kind: Kind, codecs: Mapping[int, Codec], emit: Callable[[Frame], None]) -> None:
        self.unknown_codec = 0
        self.undecodable = 0
        self.malformed = 0
        self.missed = False
        self.keyframe_packets = 0
        """Packets of the newest keyframe."""
        self._video = kind == "video"
        self._codecs = codecs
        self._emit = emit
        self._parts: list[bytes] = []
        self._size = 0
        self._codec: Codec = "vp8"
        self._timestamp: int | None = None
        self._in_frame = False
        self._keyframe_opened = False
        self._sets_markers = False
        self._start_unknown = self._video  # who comes late hears the middle of a frame first
        self._contiguous = True
        self.awaits_keyframe = self._video

    def take(self, packet: Packet) -> None:
        """The next packet."""
        codec = self._codecs.get(packet.payload_type)
        if codec is None:
            self.unknown_codec += 1
            return
        payload, timestamp = packet.payload, packet.timestamp
        if not payload:
            return  # padding, which senders probe the link with
        if not self._video:
            contiguous, self._contiguous = self._contiguous, True
            self._emit(Frame(codec, payload, timestamp, contiguous, True, None))
            return
        try:
            data, begins, opens_keyframe = DEPAYLOAD[codec](payload)
        except ValueError:
            self.malformed += 1
            self.lose()
            return
        if self._in_frame and timestamp != self._timestamp:
            self._end_unmarked(opens_keyframe)
        if self._start_unknown and not (begins or self._new_after_loss(timestamp)):
            self._timestamp = timestamp
            self._start_unknown = not packet.marker
            self.missed = True
            return
        self._start_unknown = False
        if not self._in_frame:
            self._in_frame, self._timestamp, self._codec = True, timestamp, codec
            self._keyframe_opened = opens_keyframe
        self._parts.append(data)
        self._size += len(data)
        if self._size > MAX_FRAME:
            self.lose()
        elif packet.marker:
            self._sets_markers = True
            self._end()

    def lose(self) -> None:
        """Something between the last packet and the next is lost for good."""
        if self._parts:
            self.undecodable += 1
        self._clear()
        self._timestamp = None
        self._contiguous = False
        self.missed = True
        self._start_unknown = self.awaits_keyframe = self._video

    @property
    def cares(self) -> bool:
        """Whether what comes next is of use: not between a loss and the beginning of a keyframe."""
        return not self.missed or self._keyframe_opened

    def _new_after_loss(self, timestamp: int) -> bool:
        """Whether a frame begins because the one whose beginning was lost is over."""
        return self._timestamp is not None and timestamp != self._timestamp

    def _end_unmarked(self, keyframe_follows: bool) -> None:
        if not self._sets_markers:
            self._end()
        elif keyframe_follows:
            self.undecodable += 1
            self._clear()
            self._contiguous = False
        else:
            self.lose()

    def _end(self) -> None:
        packets = len(self._parts)
        data = self._parts[0] if packets == 1 else b"".join(self._parts)
        self._clear()
        assert self._timestamp is not None
        format_ = keyframe_format(self._codec, data)
        if format_ is None and self.awaits_keyframe:
            self.undecodable += 1
            return
        self.awaits_keyframe = self.missed = False
        if format_ is not None:
            self.keyframe_packets = packets
        timestamp, contiguous, self._contiguous = self._timestamp, self._contiguous, True
        self._emit(Frame(self._codec, data, timestamp, contiguous, format_ is not None, format_))

    def _clear(self) -> None:
        self._parts, self._size, self._in_frame, self._keyframe_opened = [], 0, False, False
