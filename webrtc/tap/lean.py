"""The lean way: one short synchronous way from the datagram to the encoded frame.

aiortc passes a packet through a failed attempt to read it as STUN, a queue, a task switch, four coroutines, a scan of
the jitter buffer and a thread: 200 microseconds. Here a protected packet is taken where the socket hands it over, and
everything else goes the way it always went. What the packets mean is `webrtc.receive`'s.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from math import inf
from struct import pack
from typing import Any

import pylibsrtp
from aioice.ice import StunProtocol
from aiortc import RTCDtlsTransport, RTCPeerConnection, RTCRtpReceiver, RTCRtpTransceiver
from aiortc.rtp import RTCP_RTPFB, pack_rtcp_packet

from pipeline.clock import SessionClock
from webrtc.receive import round_trip
from webrtc.receive.arrivals import INTERVAL, Arrivals
from webrtc.receive.brake import Brake
from webrtc.receive.packet import Packet, find_extension, parse
from webrtc.receive.rtcp import receiver_report, sender_reports
from webrtc.tap.insides import inside
from webrtc.tap.negotiation import (
    ABSOLUTE_SEND_TIME,
    AUDIO_LEVEL,
    TRANSPORT_SEQUENCE,
    extension_ids,
    take_up_transport_feedback,
)
from webrtc.tap.ordinary import take_over
from webrtc.tap.source import LeanSource
from webrtc.tap.srtp import unprotector
from webrtc.tap.stamps import Stamps
from webrtc.tap.track import EncodedTrack

LATE = 0.02
"""Seconds after which a timer that has not run tells that the loop was busy, and that packets may lie unread."""

READING = 0.01
"""Seconds given to that, on any loop: some take one datagram a turn."""

REPORTING = 1.1
"""Seconds between two receiver reports, from which the sender has its round trip, at most."""

EARLY = 0.15
"""Seconds by which a report goes earlier with what is sent anyway, such as the second's request for a keyframe: each
datagram wakes both ends, and feedback is to go with a report (RFC 4585 section 3.1)."""

ROUND_TRIP = 3.0
"""Seconds between two questions for the round trip, at least."""

_TRANSPORT_FEEDBACK = 15  # the format of a transport-layer feedback message


class LeanPath:
    """How one peer's media is received."""

    def __init__(self) -> None:
        self._transports: dict[RTCDtlsTransport, LeanTransport] = {}

    def tap(self, transceiver: RTCRtpTransceiver, clock: SessionClock) -> EncodedTrack:
        """Take a receiver's encoded frames. To be called in `pc.on("track")`, before the receiver starts."""
        dtls = transceiver.receiver.transport
        transport = self._transports.get(dtls)
        if transport is None:
            transport = self._transports[dtls] = LeanTransport(dtls)
        return transport.add(transceiver.receiver, clock)

    def negotiate(self, peer: RTCPeerConnection) -> None:
        """Ask for what the lean way can make use of. To be called between the offer and the answer."""
        take_up_transport_feedback(peer)
        for transport in self._transports.values():
            transport.agree(extension_ids(peer))


class LeanTransport:
    """Takes the packets of one DTLS transport, for all of its tracks."""

    def __init__(self, dtls: RTCDtlsTransport) -> None:
        self.malformed = 0
        self._dtls = dtls
        self._connection = dtls.transport._connection
        self._loop = asyncio.get_running_loop()
        self._tracks: dict[RTCRtpReceiver, LeanSource] = {}
        self._sources: dict[int, LeanSource] = {}
        self._transport_sequence = self._send_time = 0
        self._arrivals = Arrivals()
        self._arrivals_due = inf
        self._received = 0
        self._report_due = inf
        self._trip_due = -inf
        self._brake = Brake()
        self._timer: asyncio.Handle | None = None
        self._timer_due = inf
        self._reads_first = False
        self._unprotect: Callable[[bytes], bytes] = bytes
        self._setup_srtp = dtls._setup_srtp
        dtls._setup_srtp = self._secured  # type: ignore[method-assign]

        # What came before the keys were there, and waited.

        async def handle_rtcp_data(data: bytes) -> None:
            self._hear(data, time.monotonic())

        async def handle_rtp_data(data: bytes, arrival_time_ms: int) -> None:
            self._take(data, time.monotonic())

        dtls._handle_rtcp_data = handle_rtcp_data  # type: ignore[method-assign]
        dtls._handle_rtp_data = handle_rtp_data  # type: ignore[method-assign]

    def add(self, receiver: RTCRtpReceiver, clock: SessionClock) -> EncodedTrack:
        """Serve one more receiver."""
        source = LeanSource(receiver, self.send, self._congested)
        track = take_over(receiver, clock, source)
        source.feed(track)
        receiver._run_rtcp = partial(_report_nothing, receiver)  # type: ignore[method-assign]
        self._tracks[receiver] = source
        return track

    def agree(self, extensions: Mapping[str, int]) -> None:
        """Read these header extensions, given by their identifiers."""
        self._transport_sequence = extensions.get(TRANSPORT_SEQUENCE, 0)
        # A sender with an estimator of its own would let ours, which sees less, hold it back.
        self._send_time = 0 if self._transport_sequence else extensions.get(ABSOLUTE_SEND_TIME, 0)
        for source in self._tracks.values():
            source.level_extension = extensions.get(AUDIO_LEVEL, 0)

    def send(self, data: bytes) -> None:
        """Send RTCP, with a report where one is nearly due."""
        now = time.monotonic()
        if now > self._report_due - EARLY:
            data = self._report(now) + data
            self._plan()
        self._transmit(data)

    def _transmit(self, data: bytes) -> None:
        """If there still is somebody to send it to."""
        pair = self._connection._nominated.get(1)
        if pair is not None and self._dtls.state == "connected":
            pair.protocol.transport.sendto(self._dtls._tx_srtp.protect_rtcp(data), pair.remote_addr)

    def arm(self, due: float) -> None:
        """See to it that `_tick` runs at a monotonic second, or before."""
        if self._timer is None or due < self._timer_due:
            self._set(due)

    def _plan(self) -> None:
        """See to it that `_tick` runs when it is next needed, and not before."""
        due = min((source.due for source in self._tracks.values()), default=inf)
        self._set(min(due, self._arrivals_due, self._report_due))

    def _set(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due == inf:
            return
        # The handle is not asked when it is due: what is due already uvloop puts into one that does not know.
        self._timer_due = due
        self._timer = self._loop.call_at(due - time.monotonic() + self._loop.time(), self._tick)

    def _secured(self) -> None:
        """The keys are there: packets can be taken from the sockets."""
        self._setup_srtp()
        if self._dtls._rx_srtp is None:
            return
        self._unprotect = unprotector(self._dtls._rx_srtp)
        for protocol in self._connection._protocols:
            if isinstance(protocol, StunProtocol):
                self._divert(protocol)

    def _divert(self, protocol: StunProtocol) -> None:
        ordinary, stamps = protocol.datagram_received, Stamps(protocol.transport)
        session = self._dtls._rx_srtp
        assert session is not None

        def datagram_received(data: bytes, addr: Any) -> None:
            # RFC 7983: what protects media lies between 128 and 191; RFC 5761: RTCP by its second byte.
            if len(data) < 2 or not 127 < data[0] < 192:
                ordinary(data, addr)
            elif 191 < data[1] < 224:
                try:
                    opened = session.unprotect_rtcp(data)
                except (pylibsrtp.Error, ValueError):
                    return  # it does not come from our peer, or is longer than any packet
                self._hear(opened, time.monotonic())
            else:
                # Only a report of arrivals needs more than when the loop came to it.
                now = stamps.arrival() if self._transport_sequence else time.monotonic()
                try:
                    opened = self._unprotect(data)
                except pylibsrtp.Error:
                    return
                self._take(opened, now)

        protocol.datagram_received = datagram_received  # type: ignore[method-assign, assignment]

    def _take(self, data: bytes, now: float) -> None:
        self._received += len(data)
        try:
            packet = parse(data)
        except ValueError:
            self.malformed += 1
            return
        source = self._sources.get(packet.ssrc) or self._route(packet)
        if packet.extensions:
            if self._transport_sequence:
                self._note_arrival(packet, source, now)
            elif self._send_time and source is not None:
                source.estimate(packet, self._send_time, len(data), now)
        if source is None:
            return
        due = source.receive(packet, now)
        if due < inf:
            self.arm(due)

    def _hear(self, data: bytes, now: float) -> None:
        """Take RTCP of the sender: its reports, and its answers to our questions for the round trip."""
        for report in sender_reports(data):
            source = self._sources.get(report.ssrc)
            if source is not None:
                source.hear(report, now)
        for ssrc, seconds in round_trip.answers(data, time.time()):
            for source in self._tracks.values():
                if source.ssrc == ssrc:
                    source.round_trip = seconds

    def _note_arrival(self, packet: Packet, source: LeanSource | None, now: float) -> None:
        number = find_extension(packet.extensions, self._transport_sequence)
        if number is None or len(number) != 2:
            return
        picture = source is not None and source.is_picture(packet.ssrc)
        self._arrivals.add(int.from_bytes(number), now, picture=picture)
        if self._arrivals_due == inf:
            self._arrivals_due = now + INTERVAL
            self.arm(self._arrivals_due)

    def _route(self, packet: Packet) -> LeanSource | None:
        """Whose packet it is, of a source that was not heard before."""
        receiver: Any = self._dtls._rtp_router.route_rtp(packet)  # type: ignore[arg-type]
        source = self._tracks.get(receiver)
        if source is not None:
            self._sources[packet.ssrc] = source
            if self._report_due == inf:
                self._report_due = time.monotonic() + REPORTING
                self.arm(self._report_due)
            for ssrc in source.begin(packet):
                self._sources.pop(ssrc, None)
        return source

    def _tick(self) -> None:
        self._timer = None
        now = time.monotonic()
        if now > self._timer_due + LATE and not self._reads_first:
            self._reads_first = True  # what is missing may lie there unread
            self.arm(now + READING)
            return
        self._reads_first = False
        if self._dtls.state != "connected":
            return
        if self._arrivals_due <= now:
            self._arrivals_due = inf
            self._report_arrivals(now)
        for source in self._tracks.values():
            source.tick(now)
        if self._report_due <= now and (report := self._report(now)):
            self._transmit(report)
        self._plan()

    def _report(self, now: float) -> bytes:
        """What the sender is to be told once a second: how its streams come, how much it may send where it does not
        know that itself, and the question for the round trip. Nothing before the first stream."""
        self._report_due = now + REPORTING
        sources = [source for source in self._tracks.values() if source.stream is not None]
        if not sources:
            return b""
        blocks = [source.reported(now) for source in sources]
        told = [receiver_report(sources[0].ssrc, blocks), *(source.estimated(now) for source in sources)]
        if now >= self._trip_due:
            self._trip_due = now + ROUND_TRIP
            told += [round_trip.request(source.ssrc, time.time()) for source in sources]
        return b"".join(told)

    def _report_arrivals(self, now: float) -> None:
        self._brake.mark(self._received, now)
        if (limit := self._brake.tell(now)) is not None:
            for source in self._tracks.values():
                source.limit(limit)
        # Read also where nobody can be told, so that what came does not pile up.
        reports = self._arrivals.report(now, sparing=self._brake.on)
        told = next((each for each in self._tracks.values() if each.stream is not None), None)
        if told is None or told.stream is None:
            return
        head = pack("!LL", told.ssrc, told.stream.ssrc)
        for report in reports:
            self.send(pack_rtcp_packet(RTCP_RTPFB, _TRANSPORT_FEEDBACK, head + report))

    def _congested(self) -> None:
        """The link is too narrow: have a sender that estimates by our reports know at once; others hear an estimate."""
        if self._transport_sequence:
            now = time.monotonic()
            self._brake.pull(self._received, now)
            self._report_arrivals(now)


async def _report_nothing(receiver: RTCRtpReceiver) -> None:
    """In the place of aiortc's own receiver reports, of which it would send one for each track."""
    inside(receiver, "rtcp_started").set()
    inside(receiver, "rtcp_exited").set()
