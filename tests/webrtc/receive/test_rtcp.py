"""RTCP: sender reports found among others, and receiver reports that aiortc reads as they were meant."""

from __future__ import annotations

from struct import pack

import pytest
from aiortc.rtp import RtcpPacket, RtcpRrPacket, RtcpSdesPacket, RtcpSenderInfo, RtcpSourceInfo, RtcpSrPacket
from hypothesis import given
from hypothesis import strategies as st

from webrtc.receive.rtcp import SenderReport, receiver_report, report_block, sender_reports
from webrtc.receive.statistics import Statistics

words = st.integers(0, (1 << 32) - 1)


def sender_report(ssrc, ntp, timestamp):
    info = RtcpSenderInfo(ntp_timestamp=ntp, rtp_timestamp=timestamp, packet_count=1, octet_count=2)
    return bytes(RtcpSrPacket(ssrc=ssrc, sender_info=info, reports=[]))


@given(words, st.integers(0, (1 << 64) - 1), words)
def test_sender_reports_are_found_among_others(ssrc, ntp, timestamp):
    source = RtcpSourceInfo(ssrc=ssrc, items=[(1, b"somebody")])
    other = bytes(RtcpSdesPacket(chunks=[source])) + bytes(RtcpRrPacket(ssrc=ssrc))
    data = other + sender_report(ssrc, ntp, timestamp) + other + sender_report(5, 6, 7)
    assert list(sender_reports(data)) == [SenderReport(ssrc, ntp, timestamp), SenderReport(5, 6, 7)]


def test_one_that_is_cut_off_or_says_it_is_shorter_is_none():
    whole = sender_report(1, 2, 3)
    for end in range(len(whole)):
        assert list(sender_reports(whole[:end])) == []
    assert list(sender_reports(whole[:2] + pack("!H", 3) + whole[4:])) == []


@given(st.binary(max_size=80))
def test_whatever_comes_is_read_or_let_go(data):
    for report in sender_reports(data):
        assert len(data) >= 28 and 0 <= report.ssrc < 1 << 32


def received(lost):
    statistics = Statistics(48_000)
    for sequence in range(65_000, 65_800):
        if sequence not in lost:
            statistics.add(sequence, sequence * 960 & 0xFFFFFFFF, 80, sequence * 0.02)
    return statistics


def test_a_receiver_report_says_of_each_stream_what_came_of_it_and_when_its_sender_reported():
    last = SenderReport(7, 0x1122_3344_5566_7788, 0)
    blocks = [
        report_block(7, received({65_100, 65_101}), last, 1.5),
        report_block(8, received(set()), None, 1e9),
    ]
    (report,) = RtcpPacket.parse(receiver_report(99, blocks))
    assert isinstance(report, RtcpRrPacket) and report.ssrc == 99
    first, second = report.reports
    assert (first.ssrc, first.packets_lost, first.fraction_lost) == (7, 2, 2 * 256 // 800)
    assert (first.highest_sequence, first.jitter) == (65_799, 0)
    assert (first.lsr, first.dlsr) == (0x3344_5566, round(1.5 * 65_536))
    assert (second.ssrc, second.packets_lost, second.lsr, second.dlsr) == (8, 0, 0, 0)


def test_more_came_than_was_sent_and_numbers_that_do_not_fit_are_told_as_far_as_they_go():
    statistics = Statistics(90_000)
    for _ in range(5):
        statistics.add(1, 0, 1, 0.0)  # the same again
    statistics.jitter_seconds = 1e9
    (report,) = RtcpPacket.parse(
        receiver_report(1, [report_block(2, statistics, SenderReport(2, 1 << 20, 0), 1e9)])
    )
    (block,) = report.reports
    assert block.packets_lost == -4 and block.fraction_lost == 0
    assert block.jitter == block.dlsr == (1 << 32) - 1


@pytest.mark.parametrize("streams", [0, 1, 31, 300])
def test_a_report_may_be_of_no_stream_and_is_of_as_many_as_its_count_can_say(streams):
    blocks = [report_block(number, received(set()), None, 0.0) for number in range(streams)]
    (report,) = RtcpPacket.parse(receiver_report(1, blocks))
    assert [block.ssrc for block in report.reports] == list(range(min(streams, 31)))
