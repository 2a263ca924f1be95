"""The recording: one file of a call while it is written, of which a crash costs the last moment only."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from pipeline.frames import EncodedFrame
from pipeline.muxer import Muxer
from pipeline.room import Room

sync: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)


class Recording:
    """Appends what a muxer makes of frames to an open file. Every method but `take` touches the disk: in a thread.

    `start` and `end` are session seconds, those of its first and its newest frame; `size` bytes that are on the disk.
    """

    def __init__(self, file: int, name: str, first: EncodedFrame, muxer: Muxer, room: Room) -> None:
        self.name = name
        self.start = self.end = first.start
        self.size = 0
        self._file = file
        self._muxer = muxer
        self._room = room
        self._frames: list[EncodedFrame] = []

    def take(self, frame: EncodedFrame) -> None:
        """Have a frame written by the next `flush`."""
        self._frames.append(frame)
        self.end = max(self.end, frame.start)

    def flush(self) -> None:
        """Write what was taken. Raises `ClipError`, and `OSError`: then the file ends after what was written before."""
        frames, self._frames = self._frames, []
        data = self._muxer.mux(frames)
        self._room.require(len(data))
        self._append(data)

    def close(self, *, whole: bool = True) -> None:
        """Write the rest, if the file is to be `whole`, and close it. Raises `ClipError` and `OSError`."""
        try:
            if whole:
                self._append(self._muxer.mux(self._frames) + self._muxer.end())
        finally:
            os.close(self._file)

    def _append(self, data: bytes) -> None:
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._file, rest) :]
            if data:
                sync(self._file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._file, self.size)
            raise
        self.size += len(data)
