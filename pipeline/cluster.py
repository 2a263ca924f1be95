"""The cluster: a second of a WebM file, written by hand so that it is whole as soon as its frames are there.

libavformat's muxer waits for a picture of VP8 as long as it takes, also where the camera is off and sound goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LONGEST = 1000
"""Milliseconds from a cluster's first block to its last; a block's own time has 16 bits."""

_CLUSTER, _TIMESTAMP, _SIMPLE_BLOCK = b"\x1f\x43\xb6\x75", b"\xe7", b"\xa3"
_KEYFRAME = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A frame of a track, at `time` milliseconds. Tracks count from 1, to 126."""

    track: int
    time: int
    keyframe: bool
    data: bytes


def clusters(blocks: Iterable[Block]) -> bytes:
    """Blocks in the order of their times as clusters (RFC 9559, section 5.1.3)."""
    return b"".join(map(_cluster, _parts(blocks)))


def _parts(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    part: list[Block] = []
    for block in blocks:
        if part and block.time - part[0].time > LONGEST:
            yield part
            part = []
        part.append(block)
    if part:
        yield part


def _cluster(blocks: list[Block]) -> bytes:
    time = blocks[0].time
    body = [_element(_TIMESTAMP, time.to_bytes(8, "big"))]
    for block in blocks:
        head = bytes([0x80 | block.track]) + (block.time - time).to_bytes(2, "big", signed=True)
        body.append(_element(_SIMPLE_BLOCK, head + bytes([_KEYFRAME * block.keyframe]) + block.data))
    return _element(_CLUSTER, b"".join(body))


def _element(name: bytes, data: bytes) -> bytes:
    """With its size in eight bytes (RFC 8794, section 4)."""
    return name + (len(data) | 1 << 56).to_bytes(8, "big") + data
