"""A recording as a file that is quick to seek in: `python -m pipeline.finish IN OUT`, in a process of its own.

Nothing is decoded. WebM gets its length and its cues, MP4 one index in front of all. The file may break off anywhere.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet

UNREADABLE = 3
"""The exit status for a file that holds nothing to play; its reason is the last line of stderr."""

NICENESS = 10

_FORMATS = {"webm": ("webm", {"cues_to_front": "1"}), "mp4": ("mp4", {"movflags": "+faststart"})}


class Unreadable(Exception):
    """The file holds nothing that can be played. The message says why."""


def finish(source: Path, target: Path) -> None:
    """Write what there is of `source`, which is named `….webm.part` or `….mp4.part`, into `target`, a packet at a time.
    Raises `Unreadable` and `OSError`."""
    name, options = _FORMATS[source.suffixes[-2].removeprefix(".")]
    try:
        with (
            av.open(str(source), format="matroska" if name == "webm" else name) as given,
            av.open(str(target), "w", format=name, options=options) as made,
        ):
            written = _copy(given, made)
    except (FFmpegError, ValueError) as error:
        raise Unreadable(_words(error)) from error
    if not written:
        raise Unreadable("nothing in it can be played")
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(given: InputContainer, made: OutputContainer) -> int:
    """Returns how many packets could be used."""
    streams = {stream.index: made.add_stream_from_template(stream) for stream in given.streams}
    newest: dict[int, int] = {}
    written = 0
    packets = given.demux()
    while True:
        try:
            packet: Packet[Any] = next(packets)
        except (StopIteration, FFmpegError):  # its end, or where it breaks off
            return written
        if (
            packet.is_corrupt
            or packet.dts is None
            or packet.dts <= newest.get(packet.stream_index, packet.dts - 1)
        ):
            continue
        newest[packet.stream_index] = packet.dts
        packet.stream = streams[packet.stream_index]
        made.mux(packet)
        written += 1


def _words(error: Exception) -> str:
    said = error.strerror if isinstance(error, FFmpegError) and error.strerror else str(error)
    return " ".join(said.split()) or type(error).__name__


def main() -> None:
    """The program."""
    os.nice(NICENESS)
    os.umask(0o077)
    try:
        finish(Path(sys.argv[1]), Path(sys.argv[2]))
    except Unreadable as error:
        print(error, file=sys.stderr)
        sys.exit(UNREADABLE)


if __name__ == "__main__":
    main()
