"""The lean way's end of one track: a receiver of aiortc whose packets come from elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf

from aiortc import RTCRtpReceiver
from aiortc.codecs import is_rtx
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    pack_remb_fci,
)

from pipeline.frames import Codec, Kind
from webrtc.receive.packet import Packet, find_extension, unwrap_retransmission
from webrtc.receive.rtcp import SenderReport, report_block
from webrtc.receive.stream import Stream
from webrtc.reception import Reception
from webrtc.tap.estimate import Estimate
from webrtc.tap.insides import inside
from webrtc.tap.track import CODECS, EncodedTrack

MAX_SOURCES = 4
"""Synchronization sources a track remembers, retransmissions with them; a sender uses two at a time."""


class LeanSource:
    """Feeds a track with the frames of its stream, and tells the sender what the stream has to say.

    `round_trip` is in seconds, None while unknown. Its feedback goes by `send`, and by `congested` to whoever sees all
    tracks of the transport.
    """

    def __init__(
        self, receiver: RTCRtpReceiver, send: Callable[[bytes], None], congested: Callable[[], None]
    ) -> None:
        self.stream: Stream | None = None
        self.round_trip: float | None = None
        self.level_extension = 0
        """The identifier of the header extension that tells how loud it is; 0 where there is none."""
        self._receiver = receiver
        self.kind: Kind = "video" if receiver.track.kind == "video" else "audio"
        self._send = send
        self._congested = congested
        self._track: EncodedTrack | None = None
        self._estimate = Estimate() if self.kind == "video" else None
        self._kept: dict[int, Codec] = {}
        self._repairs: dict[int, int] = {}
        self._remembered: list[int] = []
        self._extensions = b""
        self._report: SenderReport | None = None
        self._reported = -inf

    def feed(self, track: EncodedTrack) -> None:
        """Where the frames are wanted."""
        self._track = track

    @property
    def ssrc(self) -> int:
        """What we sign our feedback with."""
        ssrc: int | None = inside(self._receiver, "rtcp_ssrc")
        return ssrc or 0

    def begin(self, packet: Packet) -> list[int]:
        """A packet of a source that was not heard before. The sources that are to be forgotten for it."""
        if not self._kept:
            self._learn_codecs()
        self._remembered.append(packet.ssrc)
        if packet.payload_type not in self._repairs:
            self._begin_stream(packet.ssrc)
        forgotten, self._remembered = self._remembered[:-MAX_SOURCES], self._remembered[-MAX_SOURCES:]
        return forgotten

    def receive(self, packet: Packet, now: float) -> float:
        """Take a packet; when to `tick`, in monotonic seconds."""
        stream = self.stream
        if stream is None:
            return inf
        original = self._repairs.get(packet.payload_type)
        if original is None:
            if packet.ssrc != stream.ssrc:
                stream = self._begin_stream(packet.ssrc)
            self._extensions = packet.extensions
            return stream.add(packet, now)
        repaired = unwrap_retransmission(packet, original, stream.ssrc)
        return stream.due if repaired is None else stream.add_retransmitted(repaired, now)

    @property
    def due(self) -> float:
        """When to `tick` next, in monotonic seconds; infinity while there is nothing to do."""
        return inf if self.stream is None else self.stream.due

    def tick(self, now: float) -> None:
        """Do what is due."""
        if self.stream is not None and self.stream.due <= now:
            self.stream.tick(now)

    def estimate(self, packet: Packet, extension: int, size: int, now: float) -> None:
        """Estimate how much may be sent, going by a packet's absolute send time, which lies in the header extension of
        this identifier. The sender is told at once where it is less than it thinks."""
        if self._estimate is None or (sent := find_extension(packet.extensions, extension)) is None:
            return
        if self._estimate.add(int.from_bytes(sent), packet.ssrc, size, now):
            self._send(self.estimated(now))

    def estimated(self, now: float) -> bytes:
        """What the sender is to be told of how much it may send, where that has not been said."""
        estimate = None if self._estimate is None else self._estimate.tell(now)
        return b"" if estimate is None else self._remb(*estimate)

    def limit(self, rate: int) -> None:
        """Tell the sender of a picture to send no more than so many bits a second, whatever it estimates itself."""
        if self.kind == "video" and self.stream is not None:
            self._send(self._remb(rate, [self.stream.ssrc]))

    def is_picture(self, ssrc: int) -> bool:
        """Whether this is the picture itself, and not what is sent again of it."""
        return self.kind == "video" and self.stream is not None and ssrc == self.stream.ssrc

    def hear(self, report: SenderReport, now: float) -> None:
        """Take a report of the sender's clocks."""
        if self._track is not None and self.stream is not None and report.ssrc == self.stream.ssrc:
            self._report, self._reported = report, now
            self._track.sender_report(report.timestamp, report.ntp)

    def reported(self, now: float) -> bytes:
        """What the sender is to be told of how its stream comes. To be called once there is one."""
        stream = self.stream
        assert stream is not None
        return report_block(stream.ssrc, stream.statistics, self._report, now - self._reported)

    @property
    def audio_level(self) -> int | None:
        """The newest in -dBov, 0 loudest and 127 silent (RFC 6464), or None while unknown."""
        if not (self.level_extension and self._extensions):
            return None
        level = find_extension(self._extensions, self.level_extension)
        return level[0] & 0x7F if level else None

    def _remb(self, rate: int, ssrcs: list[int]) -> bytes:
        fci = pack_remb_fci(rate, ssrcs)
        return bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=self.ssrc, media_ssrc=0, fci=fci))

    # --- what a stream tells its sender ------------------------------------------------------------------------

    def nack(self, ssrc: int, sequences: list[int]) -> None:
        packet = RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=self.ssrc, media_ssrc=ssrc)
        packet.lost = sequences
        self._send(bytes(packet))

    def pli(self, ssrc: int) -> None:
        self._send(bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=self.ssrc, media_ssrc=ssrc)))

    def congested(self) -> None:
        self._congested()

    # --- what a track asks its source --------------------------------------------------------------------------

    async def request_keyframe(self) -> None:
        if self.stream is not None:
            self.stream.request_keyframe(time.monotonic())

    def reception(self) -> Reception:
        stream = self.stream
        if stream is None:
            return Reception()
        return Reception(
            packets=stream.statistics.packets_received,
            lost=stream.statistics.packets_lost,
            jitter=stream.statistics.jitter_seconds,
            retransmitted=stream.retransmitted,
            nacks=stream.nacks,
            plis=stream.plis,
            undecodable=stream.assembly.undecodable,
            freezes=stream.freezes.count,
            frozen=stream.freezes.seconds,
            round_trip=self.round_trip if self.round_trip is not None else stream.round_trip,
            audio_level=self.audio_level,
        )

    def _learn_codecs(self) -> None:
        """aiortc knows them once the receiver has started, which is before the first packet can be routed to it."""
        for payload_type, codec in inside(self._receiver, "codecs").items():
            if is_rtx(codec):
                self._repairs[payload_type] = int(codec.parameters.get("apt", -1))
            elif (kept := CODECS.get(codec.mimeType.lower())) is not None:
                self._kept[payload_type] = kept

    def _begin_stream(self, ssrc: int) -> Stream:
        assert self._track is not None
        if self.stream is not None:
            self._track.start_over()
        nacks = any(
            feedback.type == "nack" and not feedback.parameter
            for codec in inside(self._receiver, "codecs").values()
            for feedback in codec.rtcpFeedback
        )
        self.stream = Stream(ssrc, self.kind, self._kept, self._track.deliver, self, nack=nacks)
        self._report = None
        return self.stream
