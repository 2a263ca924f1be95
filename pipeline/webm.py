"""WebM, written by hand: VP8 and Opus, from the elements up (RFC 9559, RFC 8794, and the WebM project's guidelines).

A clip is made every second of every call, and libavformat takes several times as long. For a recording it waits for a
picture as long as it takes, also where the camera is off and sound goes on. What is written here is whole as soon as
its frames are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct, pack

from pipeline.frames import EncodedFrame

VIDEO, AUDIO = 1, 2
"""The numbers of the tracks."""

LONGEST = 1000
"""Milliseconds from a cluster's first block to its last; a block's own time has 16 bits."""

PRE_SKIP = 312
"""Samples that a decoder of Opus throws away at first: libopus's look-ahead (RFC 7845 section 4.2)."""

SEEK_PRE_ROLL = 80_000_000
"""Nanoseconds that it is to decode before the place that was sought (RFC 9559 section 5.1.4.1.26)."""

_RATE = 48_000
_BLOCK = Struct("!BQBhB")
_SIMPLE_BLOCK, _FIRST_BIT = 0xA3, 1 << 56  # the first bit of a size in eight bytes (RFC 8794 section 4)
_UNKNOWN = b"\x01" + 7 * b"\xff"


Block = tuple[int, int, bool, bytes]
"""A frame: its milliseconds in the file, its track, whether it is a keyframe, and its bytes. Blocks sort in the order
in which they are written."""


def blocks(track: int, frames: Iterable[EncodedFrame], origin: float) -> list[Block]:
    """Frames of a track in a file that begins at session second `origin`.

    Frames a millisecond apart stay apart. From the time of sound a player takes off what its decoder throws away.
    """
    late = 0.5 + (PRE_SKIP * 1000 / _RATE if track == AUDIO else 0.0)
    return [
        (int((frame.start - origin) * 1000 + late), track, frame.keyframe, frame.data) for frame in frames
    ]


def header(size: tuple[int, int] | None, *, sound: bool) -> bytes:
    """What comes before the clusters of a file that grows. `size` is the picture's in pixels, None without one."""
    return _beginning() + _id("18538067") + _UNKNOWN + _information(None) + _tracks(size, sound)


def clusters(blocks: Iterable[Block]) -> bytes:
    """Blocks, in their order, as clusters, each beginning with a keyframe of the picture where there is one."""
    return b"".join([piece for _, _, pieces in _clusters(blocks) for piece in pieces])


def whole(size: tuple[int, int] | None, blocks: Sequence[Block], seconds: float) -> bytes:
    """A file of all these blocks, in their order, that says how long it is and can be sought in."""
    made = _clusters(blocks)
    sound = any(track == AUDIO for _, track, _, _ in blocks)
    head = _information(seconds) + _tracks(size, sound)
    starts = [(time, track) for time, track, _ in made]
    positions, at = [], len(head) + len(_cues(starts, [0] * len(made)))
    for _, _, pieces in made:
        positions.append(at)
        at += sum(map(len, pieces))
    file = [_beginning(), _id("18538067"), _length(at), head, _cues(starts, positions)]
    for _, _, pieces in made:
        file += pieces
    return b"".join(file)


def _clusters(blocks: Iterable[Block]) -> list[tuple[int, int, list[bytes]]]:
    """The first block's time and track, and the bytes in pieces, which are not put together twice, of each cluster."""
    made: list[tuple[int, int, list[bytes]]] = []
    beginning, pieces = -LONGEST - 1, [b""]
    pack_block = _BLOCK.pack
    for time, track, keyframe, data in blocks:
        if time - beginning > LONGEST or (keyframe and track == VIDEO):
            beginning, pieces = time, [b"", _number("e7", time)]
            made.append((time, track, pieces))
        flags = 0x80 if keyframe else 0
        length = (len(data) + 4) | _FIRST_BIT
        pieces.append(pack_block(_SIMPLE_BLOCK, length, 0x80 | track, time - beginning, flags))
        pieces.append(data)
    for _, _, pieces in made:
        pieces[0] = _id("1f43b675") + _length(sum(map(len, pieces)))
    return made


def _beginning() -> bytes:
    return _element(
        "1a45dfa3",
        _number("4286", 1),  # version and oldest version of EBML that reads it
        _number("42f7", 1),
        _number("42f2", 4),  # the longest identifier and the longest size
        _number("42f3", 8),
        _element("4282", b"webm"),
        _number("4287", 4),  # version and oldest version of WebM that reads it
        _number("4285", 2),
    )


def _information(seconds: float | None) -> bytes:
    return _element(
        "1549a966",
        _number("2ad7b1", 1_000_000),  # nanoseconds of a tick
        b"" if seconds is None else _element("4489", pack("!d", seconds * 1000)),
        _element("4d80", b"Mien"),
        _element("5741", b"Mien"),
    )


def _tracks(size: tuple[int, int] | None, sound: bool) -> bytes:
    tracks = []
    if size is not None:
        picture = _element("e0", _number("b0", size[0]), _number("ba", size[1]))
        tracks.append(_track(VIDEO, 1, b"V_VP8", picture))
    if sound:
        head = b"OpusHead" + pack("<BBHIhB", 1, 2, PRE_SKIP, _RATE, 0, 0)  # RFC 7845 section 5.1
        delay = _number("56aa", PRE_SKIP * 1_000_000_000 // _RATE) + _number("56bb", SEEK_PRE_ROLL)
        shape = _element("e1", _element("b5", pack("!d", float(_RATE))), _number("9f", 2))
        tracks.append(_track(AUDIO, 2, b"A_OPUS", _element("63a2", head) + delay + shape))
    return _element("1654ae6b", *tracks)


def _track(number: int, kind: int, codec: bytes, more: bytes) -> bytes:
    unlaced = _number("9c", 0)
    return _element(
        "ae",
        _number("d7", number),
        _number("73c5", number),
        unlaced,
        _number("83", kind),
        _element("86", codec),
        more,
    )


def _cues(firsts: Sequence[tuple[int, int]], positions: Sequence[int]) -> bytes:
    """Where the clusters are that begin with a block of this time and track, counted from the end of the segment's own
    head; as long whatever the positions are."""
    points = []
    for (time, track), position in zip(firsts, positions, strict=True):
        place = _element("b7", _number("f7", track), _number("f1", position))
        points.append(_element("bb", _number("b3", time), place))
    return _element("1c53bb6b", *points)


def _element(name: str, *content: bytes) -> bytes:
    data = b"".join(content)
    return _id(name) + _length(len(data)) + data


def _number(name: str, value: int) -> bytes:
    return _element(name, value.to_bytes(8, "big"))


def _id(name: str) -> bytes:
    return bytes.fromhex(name)


def _length(size: int) -> bytes:
    return (size | _FIRST_BIT).to_bytes(8, "big")
