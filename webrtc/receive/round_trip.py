"""The round trip, measured by one who only receives (RFC 3611 sections 4.4 and 4.5).

We send a receiver reference time; the sender answers with how long ago it got it, which leaves the time on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import pack, unpack_from

from webrtc.receive.rtcp import packets

_EXTENDED_REPORT = 207
_REFERENCE_TIME, _DELAY = 4, 5  # block types
_NTP_UNIX = 2_208_988_800


def request(ssrc: int, wall: float) -> bytes:
    """An RTCP packet that asks, signed `ssrc`. `wall` is epoch seconds."""
    ntp = int((wall + _NTP_UNIX) * (1 << 32)) & 0xFFFFFFFFFFFFFFFF  # eras of NTP have 136 years
    return pack("!BBHLBBHQ", 0x80, _EXTENDED_REPORT, 4, ssrc, _REFERENCE_TIME, 0, 2, ntp)


def answers(data: bytes, wall: float) -> Iterator[tuple[int, float]]:
    """Whose question was answered, and the round trip in seconds, for each answer in compound RTCP."""
    now = int((wall + _NTP_UNIX) * (1 << 16)) & 0xFFFFFFFF
    for kind, body in packets(data):
        if kind == _EXTENDED_REPORT:
            yield from _delays(body[4:], now)


def _delays(blocks: bytes, now: int) -> Iterator[tuple[int, float]]:
    at = 0
    while at + 4 <= len(blocks):
        end = at + 4 * (1 + int.from_bytes(blocks[at + 2 : at + 4]))
        if blocks[at] == _DELAY:
            for place in range(at + 4, min(end, len(blocks)) - 11, 12):
                ssrc, asked, delay = unpack_from("!LLL", blocks, place)
                trip = (now - asked - delay) & 0xFFFFFFFF
                if asked and trip < 1 << 31:  # else it is below zero, by a clock that was set
                    yield ssrc, trip / (1 << 16)
        at = end
