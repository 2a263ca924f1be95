"""The RTP packet: what is read off its header and its extensions (RFC 3550 section 5.1, RFC 8285)."""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

_HEADER = Struct("!BBHLL")
_ONE_BYTE, _TWO_BYTE = 0xBEDE, 0x1000  # RFC 8285 sections 4.2 and 4.3


@dataclass(slots=True)
class Packet:
    """One packet. `sequence` is 16 bits as sent; `extensions` holds each header extension's bytes by its identifier.

    Not frozen: hundreds are made a second, and a frozen one takes four times as long.
    """

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    extensions: dict[int, bytes]


def parse(data: bytes) -> Packet:
    """Read a packet whose SRTP protection has been taken off. Raises `ValueError` for what is none."""
    if len(data) < 12:
        raise ValueError("shorter than a header")
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if first >> 6 != 2:
        raise ValueError("not version 2")
    start, end = 12 + 4 * (first & 15), len(data)
    extensions: dict[int, bytes] = {}
    if first & 0x10:
        block = start + 4
        if end < block:
            raise ValueError("cut off in its extensions")
        start = block + 4 * int.from_bytes(data[start + 2 : block])
        if end < start:
            raise ValueError("cut off in its extensions")
        extensions = read_extensions(int.from_bytes(data[block - 4 : block - 2]), data[block:start])
    if first & 0x20:
        padding = data[-1]
        if not 0 < padding <= end - start:
            raise ValueError("more padding than payload")
        end -= padding
    if end < start:
        raise ValueError("cut off in its header")
    return Packet(second & 0x7F, second > 0x7F, sequence, timestamp, ssrc, data[start:end], extensions)


def read_extensions(profile: int, block: bytes) -> dict[int, bytes]:
    """The header extensions of a block by their identifiers, in its one-byte or its two-byte form.

    What is cut off is left out, and so is a block of another kind.
    """
    found: dict[int, bytes] = {}
    at, end = 0, len(block)
    if profile == _ONE_BYTE:
        while at < end:
            first = block[at]
            at += 1
            if first == 0:  # padding
                continue
            if first >> 4 == 15:  # RFC 8285 section 4.2: the rest is to be ignored
                break
            length = (first & 15) + 1
            if at + length <= end:
                found[first >> 4] = block[at : at + length]
            at += length
    elif profile & 0xFFF0 == _TWO_BYTE:
        while at + 1 < end:
            identifier, length = block[at], block[at + 1]
            at += 1
            if identifier == 0:
                continue
            at += 1
            if at + length <= end:
                found[identifier] = block[at : at + length]
            at += length
    return found


def unwrap_retransmission(packet: Packet, payload_type: int, ssrc: int) -> Packet | None:
    """The packet that a retransmission carries (RFC 4588 section 4), or None where it carries padding only."""
    if len(packet.payload) < 2:
        return None
    return Packet(
        payload_type,
        packet.marker,
        int.from_bytes(packet.payload[:2]),
        packet.timestamp,
        ssrc,
        packet.payload[2:],
        packet.extensions,
    )
