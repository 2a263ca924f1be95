"""The RTP packet: what is read off its header and its extensions (RFC 3550 section 5.1, RFC 8285)."""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

_HEADER = Struct("!BBHLL")
_ONE_BYTE, _TWO_BYTE = 0xBEDE, 0x1000  # RFC 8285 sections 4.2 and 4.3


@dataclass(slots=True)
class Packet:
    """One packet. `sequence` is 16 bits as sent; `extensions` is the block of header extensions, for `find_extension`.

    Not frozen: hundreds are made a second, and a frozen one takes four times as long.
    """

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    extensions: bytes


def parse(data: bytes) -> Packet:
    """Read a packet whose SRTP protection has been taken off. Raises `ValueError` for what is none."""
    if len(data) < 12:
        raise ValueError("shorter than a header")
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if first >> 6 != 2:
        raise ValueError("not version 2")
    start, end = 12 + 4 * (first & 15), len(data)
    extensions = b""
    if first & 0x10:
        block = start
        if end < block + 4:
            raise ValueError("cut off in its extensions")
        start += 4 + 4 * (data[block + 2] << 8 | data[block + 3])
        if end < start:
            raise ValueError("cut off in its extensions")
        extensions = data[block:start]
    if first & 0x20:
        padding = data[-1]
        if not 0 < padding <= end - start:
            raise ValueError("more padding than payload")
        end -= padding
    if end < start:
        raise ValueError("cut off in its header")
    return Packet(second & 0x7F, second > 0x7F, sequence, timestamp, ssrc, data[start:end], extensions)


def find_extension(extensions: bytes, identifier: int) -> bytes | None:
    """One header extension out of a packet's block of them, in its one-byte or its two-byte form.

    None where it is not there or cut off, and for a block of another kind.
    """
    profile = extensions[0] << 8 | extensions[1]
    at, end = 4, len(extensions)
    if profile == _ONE_BYTE:
        while at < end:
            first = extensions[at]
            at += 1
            if first == 0:  # padding
                continue
            if first >> 4 == 15:  # RFC 8285 section 4.2: the rest is to be ignored
                break
            after = at + (first & 15) + 1
            if first >> 4 == identifier:
                return extensions[at:after] if after <= end else None
            at = after
    elif profile & 0xFFF0 == _TWO_BYTE:
        while at + 1 < end:
            found = extensions[at]
            at += 1
            if found == 0:
                continue
            after = at + 1 + extensions[at]
            if found == identifier:
                return extensions[at + 1 : after] if after <= end else None
            at = after
    return None


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
