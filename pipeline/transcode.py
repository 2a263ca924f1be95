"""A clip as an MP4 that plays everywhere: `python -m pipeline.transcode IN OUT`, in a process of its own."""

from __future__ import annotations

import os
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from models.base import ClipUnreadable
from models.container import opened

UNREADABLE = 3
"""The exit status for a file that cannot be decoded; its reason is the last line of stderr."""

NICENESS = 10
GAP = 0.05
"""Seconds of missing sound that are filled with silence, so that what follows stays in step with the picture."""

MOST_SILENCE = 60.0
"""Seconds of silence that are put in at most: a broken timestamp may lie a century ahead."""

_UNITS = Fraction(1, 90_000)
_RATE = 48_000
_CHANNELS = 2
_BIT_RATE = 128_000


class Unreadable(Exception):
    """The file holds nothing that can be decoded. The message says why."""


class Track(Protocol):
    """One stream on its way from the one file into the other. `taken` counts what could be used of it."""

    taken: int

    def take(self, packet: Packet[Any]) -> None: ...
    def end(self) -> None: ...


def transcode(source: Path, target: Path) -> None:
    """Write `source` as H.264 and AAC into the MP4 `target`, its index first. Timestamps stay as they are, and
    H.264 is copied. Raises `Unreadable` and `OSError`."""
    with (
        source.open("rb") as file,
        _opened(file) as given,
        av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as made,
    ):
        try:
            _write(given, made)
        except (FFmpegError, ValueError) as error:
            raise Unreadable(_words(error)) from error


def _opened(file: BinaryIO) -> InputContainer:
    try:
        return opened(file)
    except ClipUnreadable as error:
        raise Unreadable(str(error)) from error


def _write(given: InputContainer, made: OutputContainer) -> None:
    tracks: dict[int, Track] = {}
    if given.streams.video:
        video = given.streams.video[0]
        copied = video.codec_context.name == "h264"
        tracks[video.index] = _Copied(video, made) if copied else _Picture(video, made)
    if given.streams.audio:
        tracks[given.streams.audio[0].index] = _Sound(made)
    if not tracks:
        raise Unreadable("it has neither picture nor sound")
    for packet in given.demux([given.streams[index] for index in tracks]):
        tracks[packet.stream_index].take(packet)
    for track in tracks.values():
        track.end()
    if not any(track.taken for track in tracks.values()):
        raise Unreadable("nothing in it can be decoded")


class _Copied:
    """H.264 as it is."""

    def __init__(self, given: VideoStream, made: OutputContainer) -> None:
        self.taken = 0
        self._made = made
        self._stream = made.add_stream_from_template(given)

    def take(self, packet: Packet[Any]) -> None:
        if packet.dts is not None:
            self.taken += 1
            packet.stream = self._stream
            self._made.mux(packet)

    def end(self) -> None:
        """Nothing is held back."""


class _Picture:
    """Any other video as H.264, its size rounded up to even numbers."""

    def __init__(self, given: VideoStream, made: OutputContainer) -> None:
        self.taken = 0
        self._made = made
        self._newest = -1
        # All streams are there before anything is written: the file's head names them.
        stream = made.add_stream("libx264", options={"preset": "veryfast", "crf": "23", "threads": "2"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = given.width + given.width % 2, given.height + given.height % 2
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = _UNITS
        self._stream = stream

    def take(self, packet: Packet[Any]) -> None:
        for frame in _decoded(packet):
            if isinstance(frame, VideoFrame) and frame.pts is not None and frame.time_base is not None:
                pts = round(frame.pts * frame.time_base / _UNITS)
                if pts > self._newest:  # an encoder takes no frame that is older than the last
                    self._newest = pts
                    self._encode(frame, pts)

    def end(self) -> None:
        self._made.mux(self._stream.encode(None))

    def _encode(self, frame: VideoFrame, pts: int) -> None:
        self.taken += 1
        even = frame.reformat(self._stream.width, self._stream.height, "yuv420p")
        even.pts, even.time_base = pts, _UNITS
        even.pict_type = PictureType.NONE  # the encoder chooses where keyframes are
        self._made.mux(self._stream.encode(even))


class _Sound:
    """Any sound as AAC, with silence where some is missing."""

    def __init__(self, made: OutputContainer) -> None:
        self.taken = 0
        self._made = made
        self._stream = made.add_stream("aac", rate=_RATE, layout="stereo")
        assert isinstance(self._stream, AudioStream)
        self._stream.codec_context.bit_rate = _BIT_RATE
        self._stream.codec_context.open()
        self._resampler = AudioResampler("fltp", "stereo", _RATE)
        self._held: NDArray[np.float32] = np.zeros((_CHANNELS, 0), np.float32)
        self._heard = 0
        """Samples since time 0 that came, silence included."""
        self._written = 0

    def take(self, packet: Packet[Any]) -> None:
        for frame in _decoded(packet):
            if isinstance(frame, AudioFrame):
                begins = None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base
                self._hear(self._resampled(frame), None if begins is None else round(begins * _RATE))
        self._write(whole=False)

    def end(self) -> None:
        self._hear(self._resampled(None), None)
        self._write(whole=True)
        self._made.mux(self._stream.encode(None))

    def _resampled(self, frame: AudioFrame | None) -> list[NDArray[np.float32]]:
        return [piece.to_ndarray().astype(np.float32) for piece in self._resampler.resample(frame)]

    def _hear(self, pieces: list[NDArray[np.float32]], begins: int | None) -> None:
        missing = 0 if begins is None else begins - self._heard
        if GAP * _RATE < missing < MOST_SILENCE * _RATE:
            pieces = [np.zeros((_CHANNELS, missing), np.float32), *pieces]
        self._held = np.concatenate([self._held, *pieces], axis=1)
        self._heard += sum(piece.shape[1] for piece in pieces)

    def _write(self, *, whole: bool) -> None:
        size = self._stream.codec_context.frame_size
        while self._held.shape[1] >= (1 if whole else size):
            piece, self._held = self._held[:, :size], self._held[:, size:]
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(piece), "fltp", "stereo")
            frame.sample_rate, frame.pts, frame.time_base = _RATE, self._written, Fraction(1, _RATE)
            self._written += piece.shape[1]
            self.taken += 1
            self._made.mux(self._stream.encode(frame))


def _decoded(packet: Packet[Any]) -> list[Any]:
    """The frames of a packet; none of one that is damaged."""
    try:
        return list(packet.decode())
    except FFmpegError:
        return []


def _words(error: Exception) -> str:
    said = error.strerror if isinstance(error, FFmpegError) and error.strerror else str(error)
    return " ".join(said.split()) or type(error).__name__


def main() -> None:
    """The program."""
    os.nice(NICENESS)
    try:
        transcode(Path(sys.argv[1]), Path(sys.argv[2]))
    except Unreadable as error:
        print(error, file=sys.stderr)
        sys.exit(UNREADABLE)


if __name__ == "__main__":
    main()
