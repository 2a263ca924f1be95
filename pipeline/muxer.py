"""The muxers of a recording: encoded frames become the bytes of a container that grows, and plays wherever it ends."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Any, Protocol

import av

from pipeline import webm
from pipeline.clip import ClipError, Container, h264_stream, opus_stream, picture_size
from pipeline.frames import CLOCK_RATE, EncodedFrame, Kind

FRAGMENT = 0.4
"""Seconds of a fragment of MP4: what has not come to its end is not in the bytes yet."""

_DEFAULT_FRAME: dict[Kind, Fraction] = {"video": Fraction(1, 30), "audio": Fraction(1, 50)}


class Muxer(Protocol):
    """Frames come in the order of their times, as far as that is known. Not for two threads at a time."""

    container: Container

    def mux(self, frames: Sequence[EncodedFrame]) -> bytes:
        """The bytes that these frames complete. Raises `ClipError`."""

    def end(self) -> bytes:
        """The last bytes. Raises `ClipError`."""


def muxer(first: EncodedFrame, kinds: Collection[Kind]) -> Muxer:
    """VP8 and Opus become WebM, H264 and Opus fragmented MP4, sound alone WebM. Raises `ClipError`.

    `first` is the frame that it begins with, a keyframe where it is a picture; 0 in the file is its moment. `kinds`
    are the tracks that may come, of which video only counts where `first` is one.
    """
    return (Fragments if first.codec == "h264" else Clusters)(first, kinds)


class Clusters:
    """WebM: a header, and behind it clusters of what comes at a time."""

    container: Container = "webm"

    def __init__(self, first: EncodedFrame, kinds: Collection[Kind]) -> None:
        size = picture_size(first) if first.kind == "video" else None
        sound = "audio" in kinds or first.kind == "audio"
        self._header = webm.header(size, sound=sound)
        self._tracks: dict[Kind, int] = {"video": webm.VIDEO} if size else {}
        if sound:
            self._tracks["audio"] = webm.AUDIO
        self._timeline = _Timeline(first)

    def mux(self, frames: Sequence[EncodedFrame]) -> bytes:
        blocks: list[webm.Block] = []
        for kind, track in self._tracks.items():
            placed = [
                frame for frame in frames if frame.kind == kind and self._timeline.place(frame) is not None
            ]
            blocks += webm.blocks(track, placed, self._timeline.origin)
        header, self._header = self._header, b""
        return header + webm.clusters(sorted(blocks))

    def end(self) -> bytes:
        return b""


class Fragments:
    """MP4 of fragments, by libavformat."""

    container: Container = "mp4"

    def __init__(self, first: EncodedFrame, kinds: Collection[Kind]) -> None:
        self._sink = _Sink()
        self._timeline = _Timeline(first)
        options = {
            # Players find their way by the fragments alone; a trailer would only repeat where they are.
            "movflags": "empty_moov+default_base_moof+skip_trailer",
            "frag_duration": str(round(FRAGMENT * 1e6)),
            # For which one track is waited before the other is written: a camera may be off.
            "max_interleave_delta": str(round(FRAGMENT * 0.5e6)),
        }
        try:
            self._output = av.open(self._sink, "w", format="mp4", options=options)
            self._streams: dict[Kind, Any] = {"video": h264_stream(self._output, first)}
            if "audio" in kinds:
                self._streams["audio"] = self._output.add_stream_from_template(opus_stream())
        except av.FFmpegError as error:
            raise ClipError(f"cannot be muxed: {error}") from error

    def mux(self, frames: Sequence[EncodedFrame]) -> bytes:
        try:
            for frame in frames:
                self._mux(frame)
        except av.FFmpegError as error:
            raise ClipError(f"cannot be muxed: {error}") from error
        return self._sink.taken()

    def end(self) -> bytes:
        try:
            self._output.close()
        except av.FFmpegError as error:
            raise ClipError(f"cannot be muxed: {error}") from error
        return self._sink.taken()

    def _mux(self, frame: EncodedFrame) -> None:
        stream = self._streams.get(frame.kind)
        if stream is None or (time := self._timeline.place(frame)) is None:
            return
        rate = CLOCK_RATE[frame.codec]
        packet = av.Packet(frame.data)
        packet.stream = stream
        packet.time_base = Fraction(1, rate)
        packet.pts = packet.dts = round(time * rate)
        packet.duration = round(_DEFAULT_FRAME[frame.kind] * rate)
        packet.is_keyframe = frame.keyframe
        self._output.mux(packet)


class _Timeline:
    """Where frames are in a file that begins with `first`, in seconds."""

    def __init__(self, first: EncodedFrame) -> None:
        self.origin = first.start
        self._newest: dict[Kind, float] = {}

    def place(self, frame: EncodedFrame) -> float | None:
        """None for what was before the beginning, or not after the frame that came last of its track."""
        time = frame.start - self.origin
        if time < 0 or time <= self._newest.get(frame.kind, -1.0):
            return None
        self._newest[frame.kind] = time
        return time


class _Sink:
    """What PyAV writes to: it has no `seek`, so nothing that was written is ever changed."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data
