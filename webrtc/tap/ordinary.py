"""The ordinary way: aiortc receives as it does, as far as its jitter buffer.

A receiver reassembles frames in its jitter buffer and puts them into a queue that a decoder thread reads. The tap takes
that queue's place: `put` hands the encoded frame to a track and `get` tells the thread that there is nothing to do, so
it ends at once. The timestamps pass unchanged, since `TrackClock` unwraps them, and sender reports are copied to the
clock on their way.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCRtpTransceiver
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import AnyRtcpPacket, RtcpByePacket, RtcpSrPacket

from pipeline.bitstream import keyframe_format
from pipeline.clock import SessionClock
from pipeline.frames import CLOCK_RATE, Kind
from webrtc.receive.assembly import Frame
from webrtc.reception import Reception
from webrtc.tap.insides import check_ordinary, inside
from webrtc.tap.track import CODECS, EncodedTrack, Source


class OrdinaryPath:
    """How one peer's media is received."""

    def tap(self, transceiver: RTCRtpTransceiver, clock: SessionClock) -> EncodedTrack:
        """Take a receiver's encoded frames. To be called in `pc.on("track")`, before the receiver starts.

        Raises `IncompatibleAiortc` where aiortc is not as expected.
        """
        receiver = transceiver.receiver
        track = take_over(receiver, clock, OrdinarySource(receiver))
        _follow_reports(receiver, track)
        return track

    def negotiate(self, peer: RTCPeerConnection) -> None:
        """What aiortc negotiates is right for its own way."""


class OrdinarySource:
    """A receiver of aiortc as the source of a track."""

    def __init__(self, receiver: RTCRtpReceiver) -> None:
        self._receiver = receiver

    async def request_keyframe(self) -> None:
        retransmissions = inside(self._receiver, "rtx_ssrc")
        for source in self._receiver.getSynchronizationSources():
            if source.source not in retransmissions:
                await self._receiver._send_rtcp_pli(source.source)

    def reception(self) -> Reception:
        retransmissions = inside(self._receiver, "rtx_ssrc")
        # `getStats` keeps one stream a receiver, which is that of the retransmissions once there are any.
        streams = [
            s for ssrc, s in inside(self._receiver, "remote_streams").items() if ssrc not in retransmissions
        ]
        rate = CLOCK_RATE["vp8" if self._receiver.track.kind == "video" else "opus"]
        return Reception(
            packets=sum(stream.packets_received for stream in streams),
            lost=sum(stream.packets_lost for stream in streams),
            jitter=max((stream.jitter for stream in streams), default=0) / rate,
        )


def take_over(receiver: RTCRtpReceiver, clock: SessionClock, source: Source) -> EncodedTrack:
    """Stand between a receiver and its decoder."""
    check_ordinary(receiver)
    kind: Kind = "video" if receiver.track.kind == "video" else "audio"
    track = EncodedTrack(kind, source, clock)
    receiver._RTCRtpReceiver__decoder_queue = _Queue(track)  # type: ignore[attr-defined]
    receiver._RTCRtpReceiver__timestamp_mapper = _Unmapped()  # type: ignore[attr-defined]
    return track


def _follow_reports(receiver: RTCRtpReceiver, track: EncodedTrack) -> None:
    """Have the track's clock told of the sender's reports."""
    handle_rtcp: Callable[[AnyRtcpPacket], Any] = receiver._handle_rtcp_packet

    async def handle_rtcp_packet(packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpByePacket):
            return  # a sender that pauses says so (RFC 3550 section 6.6); for aiortc the track would be over for good
        if isinstance(packet, RtcpSrPacket):
            info = packet.sender_info
            track.sender_report(info.rtp_timestamp, info.ntp_timestamp)
        await handle_rtcp(packet)

    receiver._handle_rtcp_packet = handle_rtcp_packet  # type: ignore[method-assign]


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
        parameters, taken = task
        codec = CODECS.get(parameters.mimeType.lower())
        if codec is None:
            self._track.unknown_codec += 1
        elif taken.data:
            format_ = keyframe_format(codec, taken.data)
            keyframe = codec == "opus" or format_ is not None
            self._track.deliver(
                Frame(codec, taken.data, taken.timestamp, True, keyframe, format_), time.monotonic()
            )


class _Unmapped:
    """Stands where timestamps were rebased to each track's own zero."""

    def map(self, timestamp: int) -> int:
        return timestamp
