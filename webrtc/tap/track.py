"""The encoded track: a remote track whose `recv` gives encoded frames."""

from __future__ import annotations

from asyncio import Event
from collections import deque
from typing import Protocol

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from pipeline.clock import SessionClock, TrackClock
from pipeline.frames import CLOCK_RATE, Codec, EncodedFrame, Kind
from webrtc.receive.assembly import Frame
from webrtc.reception import Reception

CODECS: dict[str, Codec] = {"video/vp8": "vp8", "video/h264": "h264", "audio/opus": "opus"}
"""What can be kept, by lower-case MIME type. Frames of anything else are counted and let go."""

MAX_QUEUED = 256
"""Frames a track holds for a consumer that does not come: about three seconds of audio and video."""

_NTP_UNIX = 2_208_988_800  # seconds from 1900 to 1970, RFC 5905 figure 4


class Source(Protocol):
    """Where a track's frames come from."""

    async def request_keyframe(self) -> None:
        """Ask the sender for a keyframe."""

    def reception(self) -> Reception:
        """How the packets have come so far."""


class EncodedTrack(MediaStreamTrack):
    """A remote track whose `recv` gives `EncodedFrame`s.

    Holds at most `MAX_QUEUED` frames; when more come the oldest are dropped and counted in `dropped`.
    """

    def __init__(self, kind: Kind, source: Source, clock: SessionClock) -> None:
        super().__init__()
        self.kind: Kind = kind
        self.dropped = 0
        self.unknown_codec = 0
        self._source = source
        self._session_clock = clock
        self._clock: TrackClock | None = None
        self._frames: deque[EncodedFrame] = deque(maxlen=MAX_QUEUED)
        self._arrived = Event()
        self._ended = False

    async def recv(self) -> EncodedFrame:  # type: ignore[override]
        """The next frame. Raises `MediaStreamError` when the track has ended."""
        while not self._frames:
            if self._ended:
                raise MediaStreamError
            self._arrived.clear()
            await self._arrived.wait()
        return self._frames.popleft()

    async def request_keyframe(self) -> None:
        """Ask the sender for a keyframe (picture loss indication, RFC 4585 section 6.3.1)."""
        await self._source.request_keyframe()

    def reception(self) -> Reception:
        """How the packets have come so far."""
        return self._source.reception()

    def stop(self) -> None:
        """End the track: who waits in `recv` is told."""
        self._ended = True
        self._arrived.set()
        super().stop()

    def deliver(self, frame: Frame, arrival: float) -> None:
        """Take a frame from the receiver. `arrival` is monotonic seconds."""
        if self._clock is None:
            self._clock = self._session_clock.track(CLOCK_RATE[frame.codec])
        self.dropped += len(self._frames) == MAX_QUEUED
        self._frames.append(
            EncodedFrame(
                codec=frame.codec,
                data=frame.data,
                start=self._clock.time_of(frame.rtp_timestamp, arrival),
                keyframe=frame.keyframe,
                format=frame.format,
                contiguous=frame.contiguous,
            )
        )
        self._arrived.set()

    def start_over(self) -> None:
        """What comes from now on has another source, whose timestamps begin anywhere."""
        if self._clock is not None:
            self._clock.start_over()

    def sender_report(self, rtp_timestamp: int, ntp_timestamp: int) -> None:
        """Take a sender report's pair of clocks: 32-bit RTP units and 64-bit NTP format (RFC 3550 section 4)."""
        if self._clock is not None:
            self._clock.sender_report(rtp_timestamp, ntp_timestamp / (1 << 32) - _NTP_UNIX)
