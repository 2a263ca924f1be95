"""The encoded track: a remote track that gives its frames encoded, to whoever asks or straight into a sink."""

from __future__ import annotations

from asyncio import Event
from collections import deque
from collections.abc import Callable
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
    """A remote track of `EncodedFrame`s: `feed` gives each to a sink in the moment it is whole, `recv` one at a time.

    For `recv` at most `MAX_QUEUED` frames are held; when more come the oldest are dropped and counted in `dropped`.
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
        self._ended = Event()
        self._sink: Callable[[EncodedFrame], None] | None = None

    async def feed(self, sink: Callable[[EncodedFrame], None]) -> None:
        """Give each frame to `sink` until the track has ended; no task is woken for it, so `sink` must be quick."""
        while self._frames:
            sink(self._frames.popleft())
        self._sink = sink
        try:
            await self._ended.wait()
        finally:
            self._sink = None

    async def recv(self) -> EncodedFrame:  # type: ignore[override]
        """The next frame. Raises `MediaStreamError` when the track has ended."""
        while not self._frames:
            if self._ended.is_set():
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
        """End the track: who waits in `recv` or `feed` is told."""
        self._ended.set()
        self._arrived.set()
        super().stop()

    def deliver(self, frame: Frame, arrival: float) -> None:
        """Take a frame from the receiver. `arrival` is monotonic seconds."""
        if self._clock is None:
            self._clock = self._session_clock.track(CLOCK_RATE[frame.codec])
        encoded = EncodedFrame(
            codec=frame.codec,
            data=frame.data,
            start=self._clock.time_of(frame.rtp_timestamp, arrival),
            keyframe=frame.keyframe,
            format=frame.format,
            contiguous=frame.contiguous,
        )
        if self._sink is not None:
            self._sink(encoded)
            return
        self.dropped += len(self._frames) == MAX_QUEUED
        self._frames.append(encoded)
        self._arrived.set()

    def start_over(self) -> None:
        """What comes from now on has another source, whose timestamps begin anywhere."""
        if self._clock is not None:
            self._clock.start_over()

    def sender_report(self, rtp_timestamp: int, ntp_timestamp: int) -> None:
        """Take a sender report's pair of clocks: 32-bit RTP units and 64-bit NTP format (RFC 3550 section 4)."""
        if self._clock is not None:
            self._clock.sender_report(rtp_timestamp, ntp_timestamp / (1 << 32) - _NTP_UNIX)
