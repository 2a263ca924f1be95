"""The lean way: its contract with the pinned aiortc and aioice, and what comes out of a call with it."""

from __future__ import annotations

import inspect
import itertools
import random
import time
from collections import defaultdict
from contextlib import asynccontextmanager
from unittest.mock import patch

import pytest
from aioice import ice
from aiortc import RTCDtlsTransport, rtcdtlstransport, rtcicetransport, rtcrtpreceiver
from aiortc.rtp import (
    RtcpByePacket,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    unpack_remb_fci,
)

from tests.webrtc.tap.peers import calling
from webrtc.receive.brake import LEAST, LIFTED, NO_LIMIT
from webrtc.receive.packet import parse
from webrtc.tap import LeanPath, choose, insides, lean
from webrtc.tap.negotiation import TRANSPORT_SEQUENCE
from webrtc.tap.ordinary import OrdinaryPath

WAYS = {"lean": LeanPath, "aiortc": OrdinaryPath}


def test_the_installed_aiortc_and_aioice_are_as_the_lean_way_needs_them():
    insides.check_lean()
    dtls = inspect.getsource(rtcdtlstransport)
    # What is overridden, where it is called and with what: a new version that changes it must be looked at.
    assert "self._setup_srtp()" in dtls
    assert "await self._handle_rtcp_data(data)" in dtls
    assert "await self._handle_rtp_data(data, arrival_time_ms=arrival_time_ms)" in dtls
    assert "self._rtp_router.route_rtp(packet)" in dtls
    assert "self._rx_srtp = " in dtls and "self._tx_srtp = " in dtls
    assert list(inspect.signature(RTCDtlsTransport._setup_srtp).parameters) == ["self"]
    assert "self._connection" in inspect.getsource(rtcicetransport)
    aioice = inspect.getsource(ice)
    assert "def datagram_received(self, data: " in aioice
    assert "self._protocols" in aioice and "self._nominated" in aioice
    receiver = inspect.getsource(rtcrtpreceiver)
    assert "self.__rtcp_ssrc" in receiver
    assert "asyncio.ensure_future(self._run_rtcp())" in receiver
    assert "await self.__rtcp_started.wait()" in receiver and "await self.__rtcp_exited.wait()" in receiver


def test_where_they_are_not_aiortcs_own_way_is_taken_and_the_reason_said(monkeypatch):
    monkeypatch.setattr(insides, "TRANSPORT", (*insides.TRANSPORT, "_something_new"))
    chosen = choose("lean")
    assert chosen.way == "aiortc" and "_something_new" in (chosen.reason or "")
    assert choose("aiortc").reason is None


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("codec", ["vp8", "h264"])
async def test_what_was_sent_comes_out_byte_for_byte_in_order_by_either_way(way, codec):
    async with calling(WAYS[way](), codec) as call:
        await call.until(lambda: min(map(len, call.frames.values()), default=0) >= 40)
        for kind, frames in call.frames.items():
            numbers = [call.number_of(kind, frame) for frame in frames]
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
            starts = [frame.start for frame in frames]
            assert starts == sorted(set(starts))
        first = call.frames["video"][0]
        assert first.keyframe and first.format is not None
        reception = call.tracks["video"].reception()
        assert reception.packets > 40 and reception.lost == 0


@pytest.mark.slow
async def test_how_loud_the_sound_is_is_read_off_its_newest_packet():
    def say(sender):
        transport = sender.getTransceivers()[0].sender.transport
        send = transport._send_rtp

        async def send_with_level(data):
            mid, level = b"\xbe\xde\0\1\x10\x30\0\0", b"\xbe\xde\0\1\x20\xa5\0\0"
            assert mid in data or data[1] >= 192
            await send(data.replace(mid, level))

        transport._send_rtp = send_with_level

    async with calling(LeanPath(), kinds=("audio",), disturb=say) as call:
        await call.until(lambda: len(call.frames.get("audio", ())) > 5)
        assert "a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level" in call.answer
        assert call.tracks["audio"].reception().audio_level == 0x25, (
            "without the bit that says that it is speech"
        )


@pytest.mark.slow
async def test_what_is_lost_on_the_way_is_asked_for_and_comes_again():
    chance = random.Random(5)

    def lose(sender):
        for transceiver in sender.getTransceivers():
            transport = transceiver.sender.transport
            send = transport._send_rtp

            async def send_some(data, send=send):
                rtcp = 64 <= data[1] & 0x7F < 96
                if rtcp or chance.random() > 0.05:
                    await send(data)

            transport._send_rtp = send_some

    async with calling(LeanPath(), disturb=lose) as call:
        await call.until(lambda: len(call.frames.get("video", ())) >= 90)
        numbers = [call.number_of("video", frame) for frame in call.frames["video"]]
        assert len(numbers) >= 0.9 * (numbers[-1] - numbers[0] + 1)
        reception = call.tracks["video"].reception()
        assert reception.lost > 0 and reception.nacks > 0 and reception.retransmitted > 0
        audio = [call.number_of("audio", frame) for frame in call.frames["audio"]]
        assert audio == sorted(audio)
        gaps = [after - before > 1 for before, after in itertools.pairwise(audio)]
        assert [not frame.contiguous for frame in call.frames["audio"][1:]] == gaps
        assert any(gaps)


def with_transport_feedback(sdp):
    """As a browser offers it."""
    lines = []
    for line in sdp.splitlines():
        lines.append(line)
        if line.startswith("a=mid:"):
            lines.append(f"a=extmap:9 {TRANSPORT_SEQUENCE}")
        if line.startswith("a=rtpmap:") and "rtx" not in line:
            lines.append(f"a=rtcp-fb:{line.removeprefix('a=rtpmap:').split()[0]} transport-cc")
    return "\r\n".join(lines) + "\r\n"


@pytest.mark.slow
async def test_transport_feedback_is_taken_up_where_it_is_offered_and_only_there():
    async with calling(LeanPath(), offered=with_transport_feedback) as call:
        answer = call.answer
        for section in answer.split("m=")[1:]:
            assert f"a=extmap:9 {TRANSPORT_SEQUENCE}" in section
            assert "transport-cc" in section
        await call.until(lambda: call.frames.get("audio"))
    for path, offered in ((LeanPath(), lambda sdp: sdp), (OrdinaryPath(), with_transport_feedback)):
        async with calling(path, offered=offered) as call:
            assert "transport-cc" not in call.answer and TRANSPORT_SEQUENCE not in call.answer
            await call.until(lambda call=call: call.frames.get("audio"))


def kind_of(packet):
    """Transport-wide feedback, receiver estimated maximum bitrate, or something else."""
    match packet:
        case RtcpRtpfbPacket(fmt=15):
            return "arrivals"
        case RtcpPsfbPacket(fmt=15):
            return "estimate"
        case _:
            return "else"


@asynccontextmanager
async def counted(offered):
    """A call whose sender numbers its packets where that was agreed upon: itself, its receiving transport, and what the
    sender is told, by kind."""
    told = defaultdict(list)
    path = LeanPath()
    async with calling(path, offered=offered) as call:
        (transport,) = path._transports.values()
        transmit = transport._transmit

        def tell(data):
            for packet in RtcpPacket.parse(data):
                told[kind_of(packet)].append(packet)
            transmit(data)

        transport._transmit = tell
        number = itertools.count()
        take = transport._take

        def numbered(data, now):
            """aiortc's sender numbers no packets and stamps them all."""
            packet = parse(data)
            if transport._transport_sequence:
                head = bytes([transport._transport_sequence << 4 | 1])
                packet.extensions += head + (next(number) & 0xFFFF).to_bytes(2)
            with patch.object(lean, "parse", lambda _: packet):
                take(data, now)

        transport._take = numbered
        yield call, transport, told


@pytest.mark.slow
@pytest.mark.parametrize("offered", [with_transport_feedback, lambda sdp: sdp], ids=["feedback", "none"])
async def test_a_sender_is_told_of_arrivals_or_given_an_estimate_and_never_both(offered):
    async with counted(offered) as (call, _, told):
        await call.until(lambda: {"arrivals", "estimate"} & set(told))
        await call.until(lambda: len(call.frames.get("video", ())) > 60)
    assert set(told) & {"arrivals", "estimate"} == {
        "arrivals" if offered is with_transport_feedback else "estimate"
    }


@pytest.mark.slow
async def test_on_a_full_link_a_sender_with_an_estimate_of_its_own_is_held_back_for_a_moment():
    async with counted(with_transport_feedback) as (call, transport, told):
        await call.until(lambda: len(told["arrivals"]) > 5)
        assert not told["estimate"]
        transport._congested()
        assert told["estimate"], "it hears of it at once"
        await call.until(lambda: not transport._brake.on)
    limits = [unpack_remb_fci(packet.fci)[0] for packet in told["estimate"]]
    assert LEAST <= limits[0] < 3e6
    assert limits[-LIFTED:] == [NO_LIMIT] * LIFTED and max(limits[:-LIFTED]) < 3e6
    ssrcs = {ssrc for packet in told["estimate"] for ssrc in unpack_remb_fci(packet.fci)[1]}
    assert ssrcs == {each.sender._ssrc for each in call.sender.getTransceivers() if each.kind == "video"}


@pytest.mark.slow
async def test_on_a_full_link_a_sender_that_is_given_estimates_is_told_nothing_else():
    async with counted(lambda sdp: sdp) as (call, transport, told):
        await call.until(lambda: len(call.frames.get("video", ())) > 30)
        transport._congested()
        assert not transport._brake.on and not told["arrivals"]


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
async def test_a_sender_that_says_goodbye_may_go_on_later(way):
    async with calling(WAYS[way](), kinds=("audio",)) as call:
        await call.until(lambda: len(call.frames.get("audio", ())) >= 10)
        goodbye = RtcpByePacket(sources=[call.sender.getSenders()[0]._ssrc])
        await call.receiver.getReceivers()[0].transport._handle_rtcp_data(bytes(goodbye))
        count = len(call.frames["audio"])
        await call.until(lambda: len(call.frames["audio"]) >= count + 10)


@pytest.mark.slow
async def test_once_a_second_the_sender_is_told_how_both_streams_come_from_which_it_has_the_round_trip():
    path, reports = LeanPath(), []
    async with calling(path) as call:
        (transport,) = path._transports.values()
        transmit = transport._transmit

        def tell(data):
            reports.extend(
                (time.monotonic(), packet)
                for packet in RtcpPacket.parse(data)
                if isinstance(packet, RtcpRrPacket)
            )
            transmit(data)

        transport._transmit = tell
        await call.until(lambda: len(reports) >= 4)
        stats = [
            *(await call.sender.getSenders()[0].getStats()).values(),
            *(await call.sender.getSenders()[1].getStats()).values(),
        ]
        theirs = {each.sender._ssrc for each in call.sender.getTransceivers()}
    assert all(0.9 < after[0] - before[0] < 2.0 for before, after in itertools.pairwise(reports))
    blocks = reports[-1][1].reports
    assert {block.ssrc for block in blocks} == theirs and all(block.lsr for block in blocks)
    assert all(0 <= block.dlsr < 2 * 65_536 and block.packets_lost == 0 for block in blocks)
    trips = [each.roundTripTime for each in stats if each.type == "remote-inbound-rtp"]
    assert len(trips) == 2 and all(0 <= trip < 0.5 for trip in trips)


@pytest.mark.slow
@pytest.mark.parametrize("offered", [with_transport_feedback, lambda sdp: sdp], ids=["feedback", "estimate"])
async def test_a_report_goes_with_what_is_sent_anyway(offered):
    """A clip's request for a keyframe a second, or reports of arrivals."""
    sent, asked = [], 0.0
    async with counted(offered) as (call, transport, _):
        transmit = transport._transmit

        def tell(data):
            sent.append([type(packet) for packet in RtcpPacket.parse(data)])
            transmit(data)

        transport._transmit = tell

        def reported():
            nonlocal asked
            if time.monotonic() >= asked + 1.0:
                asked = time.monotonic()
                transport._tracks[call.receiver.getReceivers()[1]].pli(1)
            return sum(RtcpRrPacket in each for each in sent) >= 5

        await call.until(reported)
    reports = [each for each in sent if RtcpRrPacket in each]
    assert all(each[0] is RtcpRrPacket for each in reports), "RFC 3550 section 6.1: it comes first"
    alone = [each for each in reports if not {RtcpPsfbPacket, RtcpRtpfbPacket} & set(each)]
    assert len(alone) <= 1, "the first may have been due before anything else was"


async def test_datagrams_that_do_not_come_from_the_peer_change_nothing():
    async with calling(LeanPath()) as call:
        await call.until(lambda: len(call.frames.get("video", ())) >= 10)
        before = call.tracks["video"].reception()
        (protocol, *_) = call.receiver.getTransceivers()[
            0
        ].receiver.transport.transport._connection._protocols
        media = (b"", b"\x80", b"\x80\x60", bytes([0x80, 0x60]) + bytes(40), b"\xff" * 2000)
        reports = (b"\x80\xc8", bytes([0x80, 0xC8]) + bytes(40), bytes([0x80, 0xC8]) + bytes(2000))
        for data in media + reports:
            protocol.datagram_received(data, ("192.0.2.1", 9))
        after = call.tracks["video"].reception()
        assert after.packets - before.packets == 0
        count = len(call.frames["video"])
        await call.until(lambda: len(call.frames["video"]) > count)
