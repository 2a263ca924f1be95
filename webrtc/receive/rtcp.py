"""RTCP: what a sender reports of its clocks, and what it is told of how its streams come (RFC 3550 section 6.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from struct import pack, unpack_from
from typing import NamedTuple

from webrtc.receive.statistics import Statistics

_SENDER_REPORT, _RECEIVER_REPORT = 200, 201
_MOST = (1 << 32) - 1

MOST_BLOCKS = 31
"""Streams that a report can be of: their count has five bits."""


class SenderReport(NamedTuple):
    """A moment on the sender's wall clock, in 64 bits of NTP format, and as a timestamp of the stream."""

    ssrc: int
    ntp: int
    timestamp: int


def packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The type of each packet of a compound one, and what follows the first four bytes of it."""
    at = 0
    while at + 8 <= len(data):
        end = at + 4 * (1 + int.from_bytes(data[at + 2 : at + 4]))
        yield data[at + 1], data[at + 4 : end]
        at = end


def sender_reports(data: bytes) -> Iterator[SenderReport]:
    """Those in compound RTCP."""
    for kind, body in packets(data):
        if kind == _SENDER_REPORT and len(body) >= 24:
            yield SenderReport(*unpack_from("!LQL", body))


def receiver_report(ssrc: int, blocks: Sequence[bytes]) -> bytes:
    """A report signed `ssrc`, of the first `MOST_BLOCKS` streams."""
    blocks = blocks[:MOST_BLOCKS]
    head = pack("!BBHL", 0x80 | len(blocks), _RECEIVER_REPORT, 1 + 6 * len(blocks), ssrc)
    return head + b"".join(blocks)


def report_block(ssrc: int, statistics: Statistics, last: SenderReport | None, since: float) -> bytes:
    """How the stream `ssrc` comes. `last` is its sender's newest report, which came `since` seconds ago: from when it
    hears of it again the sender tells the round trip."""
    fraction = statistics.fraction_lost
    lost = statistics.packets_lost & 0xFFFFFF
    heard = 0 if last is None else last.ntp >> 16 & _MOST
    held = 0 if last is None else min(round(since * (1 << 16)), _MOST)
    jitter = min(statistics.jitter, _MOST)
    return pack("!LLLLLL", ssrc, fraction << 24 | lost, statistics.max_seq, jitter, heard, held)
