"""The tap: encoded frames out of an aiortc receiver, before aiortc would decode them.

The only file that touches aiortc's insides. A receiver reassembles frames in its jitter buffer and puts them into a
queue that a decoder thread reads. The tap takes that queue's place: `put` hands the encoded frame to a track and `get`
tells the thread that there is nothing to do, so it ends at once. The timestamps pass unchanged, since `TrackClock`
unwraps them, and sender reports are copied to the clock on their way. `tests/webrtc/test_tap.py` holds the contract
with the version that is pinned.
"""

from __future__ import annotations

import time
from asyncio import Event
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from aiortc import MediaStreamTrack, RTCRtpReceiver
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import AnyRtcpPacket, RtcpSrPacket

from pipeline.bitstream import keyframe_format
from pipeline.clock import SessionClock, TrackClock
from pipeline.frames import CLOCK_RATE, Codec, EncodedFrame, Kind
from webrtc.reception import Reception

CODECS: dict[str, Codec] = {"video/vp8": "vp8", "video/h264": "h264", "audio/opus": "opus"}
"""What can be kept, by lower-case MIME type. Frames of anything else are counted and let go."""

MAX_QUEUED = 256
"""Frames a track holds for a consumer that does not come: about three seconds of audio and video."""

_NTP_UNIX = 2_208_988_800  # seconds from 1900 to 1970, RFC 5905 figure 4
_INSIDES = ("decoder_queue", "timestamp_mapper", "rtx_ssrc", "codecs", "remote_streams")
_UNITS = {"video": 90_000, "audio": 48_000}  # a second of RTP timestamps of every codec that can be kept


class IncompatibleAiortc(RuntimeError):
    """The installed aiortc is not built as the tap expects."""


class EncodedTrack(MediaStreamTrack):
    """A remote track whose `recv` gives `EncodedFrame`s.

    Holds at most `MAX_QUEUED` frames; when more come the oldest are dropped and counted in `dropped`.
    """

    def __init__(self, kind: Kind, receiver: RTCRtpReceiver, clock: SessionClock) -> None:
        super().__init__()
        self.kind: Kind = kind
        self.dropped = 0
        self.unknown_codec = 0
        self._receiver = receiver
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
        retransmissions = _inside(self._receiver, "rtx_ssrc")
        for source in self._receiver.getSynchronizationSources():
            if source.source not in retransmissions:
                await self._receiver._send_rtcp_pli(source.source)

    def reception(self) -> Reception:
        """How the packets have come so far."""
        retransmissions = _inside(self._receiver, "rtx_ssrc")
        # `getStats` keeps one stream a receiver, which is that of the retransmissions once there are any.
        streams = [
            s for ssrc, s in _inside(self._receiver, "remote_streams").items() if ssrc not in retransmissions
        ]
        return Reception(
            packets=sum(stream.packets_received for stream in streams),
            lost=sum(stream.packets_lost for stream in streams),
            jitter=max((stream.jitter for stream in streams), default=0) / _UNITS[self.kind],
        )

    def stop(self) -> None:
        """End the track: who waits in `recv` is told."""
        self._ended = True
        self._arrived.set()
        super().stop()

    def deliver(self, mime_type: str, data: bytes, rtp_timestamp: int, arrival: float) -> None:
        """Take a frame from the receiver. `arrival` is monotonic seconds."""
        codec = CODECS.get(mime_type.lower())
        if codec is None or not data:
            self.unknown_codec += codec is None
            return
        if self._clock is None:
            self._clock = self._session_clock.track(CLOCK_RATE[codec])
        format_ = keyframe_format(codec, data) if self.kind == "video" else None
        self.dropped += len(self._frames) == MAX_QUEUED
        self._frames.append(
            EncodedFrame(
                codec=codec,
                data=data,
                start=self._clock.time_of(rtp_timestamp, arrival),
                keyframe=self.kind == "audio" or format_ is not None,
                format=format_,
            )
        )
        self._arrived.set()

    def sender_report(self, rtp_timestamp: int, ntp_timestamp: int) -> None:
        """Take a sender report's pair of clocks: 32-bit RTP units and 64-bit NTP format (RFC 3550 section 4)."""
        if self._clock is not None:
            self._clock.sender_report(rtp_timestamp, ntp_timestamp / (1 << 32) - _NTP_UNIX)


def tap(receiver: RTCRtpReceiver, clock: SessionClock) -> EncodedTrack:
    """Take a receiver's encoded frames. To be called in `pc.on("track")`, before the receiver starts.

    Raises `IncompatibleAiortc` where aiortc is not as expected.
    """
    check(receiver)
    kind: Kind = "video" if receiver.track.kind == "video" else "audio"
    track = EncodedTrack(kind, receiver, clock)
    handle_rtcp: Callable[[AnyRtcpPacket], Any] = receiver._handle_rtcp_packet

    async def handle_rtcp_packet(packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpSrPacket):
            info = packet.sender_info
            track.sender_report(info.rtp_timestamp, info.ntp_timestamp)
        await handle_rtcp(packet)

    receiver._handle_rtcp_packet = handle_rtcp_packet  # type: ignore[method-assign]
    setattr(receiver, _name("decoder_queue"), _Queue(track))
    setattr(receiver, _name("timestamp_mapper"), _Unmapped())
    return track


def check(receiver: RTCRtpReceiver) -> None:
    """Raise `IncompatibleAiortc` unless the receiver has all that the tap takes hold of."""
    missing = [inside for inside in _INSIDES if not hasattr(receiver, _name(inside))]
    missing += [
        name for name in ("_handle_rtcp_packet", "_send_rtcp_pli", "_track") if not hasattr(receiver, name)
    ]
    if missing:
        raise IncompatibleAiortc(
            f"this aiortc has no RTCRtpReceiver {', '.join(missing)}: install the pinned version"
        )


def check_installed() -> None:
    """Raise `IncompatibleAiortc` unless the installed aiortc can be tapped: to be called once, at the start."""
    check(RTCRtpReceiver("video", SimpleNamespace(state="new")))  # type: ignore[arg-type]


class _Queue:
    """Stands where the queue to the decoder thread stood."""

    def __init__(self, track: EncodedTrack) -> None:
        self._track = track

    def get(self) -> None:
        """Nothing to decode: the decoder thread ends."""

    def put(self, task: tuple[RTCRtpCodecParameters, JitterFrame] | None) -> None:
        if task is None:
            self._track.stop()
            return
        codec, frame = task
        self._track.deliver(codec.mimeType, frame.data, frame.timestamp, time.monotonic())


class _Unmapped:
    """Stands where timestamps were rebased to each track's own zero."""

    def map(self, timestamp: int) -> int:
        return timestamp


def _name(inside: str) -> str:
    return f"_RTCRtpReceiver__{inside}"


def _inside(receiver: RTCRtpReceiver, inside: str) -> Any:
    return getattr(receiver, _name(inside))
