"""The muxers of a recording: encoded frames become the bytes of a container that grows, and plays wherever it ends."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Any, Protocol

import av

from pipeline.clip import ClipError, Container, opus_stream, video_stream
from pipeline.cluster import Block, clusters
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
    """WebM: libavformat's header, and behind it one cluster for what comes at a time."""

    container: Container = "webm"

    def __init__(self, first: EncodedFrame, kinds: Collection[Kind]) -> None:
        sink = _Sink()
        try:
            output = av.open(sink, "w", format="webm", options={"live": "1"})
            streams = _streams(output, first, kinds)
            output.start_encoding()
        except av.FFmpegError as error:
            raise ClipError(f"cannot be muxed: {error}") from error
        self._header = sink.taken()
        output.close()
        self._tracks = {kind: stream.index + 1 for kind, stream in streams.items()}
        self._timeline = _Timeline(first, dict.fromkeys(CLOCK_RATE, 1000))
        # The sound that a decoder of Opus throws away at first, which a player subtracts (RFC 9559, section 5.1.4.1.4).
        self._delay = round(312 / 48)

    def mux(self, frames: Sequence[EncodedFrame]) -> bytes:
        blocks = [
            Block(
                track=self._tracks[frame.kind],
                time=time + (self._delay if frame.kind == "audio" else 0),
                keyframe=frame.keyframe,
                data=frame.data,
            )
            for frame in frames
            if frame.kind in self._tracks and (time := self._timeline.place(frame)) is not None
        ]
        header, self._header = self._header, b""
        return header + clusters(sorted(blocks, key=lambda block: block.time))

    def end(self) -> bytes:
        return b""


class Fragments:
    """MP4 of fragments, by libavformat."""

    container: Container = "mp4"

    def __init__(self, first: EncodedFrame, kinds: Collection[Kind]) -> None:
        self._sink = _Sink()
        self._timeline = _Timeline(first, CLOCK_RATE)
        options = {
            # Players find their way by the fragments alone; a trailer would only repeat where they are.
            "movflags": "empty_moov+default_base_moof+skip_trailer",
            "frag_duration": str(round(FRAGMENT * 1e6)),
            # For which one track is waited before the other is written: a camera may be off.
            "max_interleave_delta": str(round(FRAGMENT * 0.5e6)),
        }
        try:
            self._output = av.open(self._sink, "w", format="mp4", options=options)
            self._streams = _streams(self._output, first, kinds)
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
        packet.pts = packet.dts = time
        packet.duration = round(_DEFAULT_FRAME[frame.kind] * rate)
        packet.is_keyframe = frame.keyframe
        self._output.mux(packet)


class _Timeline:
    """Where frames are in a file that begins with `first`, in units of `rates` a second."""

    def __init__(self, first: EncodedFrame, rates: dict[Any, int]) -> None:
        self._origin = first.start
        self._rates = rates
        self._newest: dict[Kind, int] = {}

    def place(self, frame: EncodedFrame) -> int | None:
        """None for what was before the beginning, or before the frame that came last of its track."""
        time = round((frame.start - self._origin) * self._rates[frame.codec])
        if time <= self._newest.get(frame.kind, -1):
            return None
        self._newest[frame.kind] = time
        return time


def _streams(
    output: av.container.OutputContainer, first: EncodedFrame, kinds: Collection[Kind]
) -> dict[Kind, Any]:
    streams: dict[Kind, Any] = {}
    if first.kind == "video":
        streams["video"] = video_stream(output, first)
    if "audio" in kinds or first.kind == "audio":
        streams["audio"] = output.add_stream_from_template(opus_stream())
    return streams


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
