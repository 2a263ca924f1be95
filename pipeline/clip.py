"""The clip: the last seconds of a call as a playable file in memory, remuxed and never transcoded."""

from __future__ import annotations

import heapq
import io
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import inf
from operator import attrgetter, itemgetter
from typing import Any, Literal

import av

from pipeline import webm
from pipeline.bitstream import vp8_size
from pipeline.frames import CLOCK_RATE, EncodedFrame, Kind

Container = Literal["webm", "mp4"]

TOLERANCE = 0.1
"""Seconds by which a clip may be shorter than asked for, rather than begin a whole group of pictures earlier."""

SLACK = 1.5
"""Seconds by which a clip may be longer than asked for, rather than begin a whole group of pictures later."""

SHORTEST = 1.0
"""Seconds of a clip that is preferred to one that is too long."""

STALE = 1.0
"""Seconds without a picture, while sound goes on, after which the camera is taken to be off."""

_DEFAULT_FRAME = {"video": 1 / 30, "audio": 0.02}
_START = attrgetter("start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Where frames of a track are missing, in session seconds: from the last before the loss to the first after it."""

    kind: Kind
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The frames of a clip to be, each track in order, the video beginning with a keyframe. Session seconds."""

    video: Sequence[EncodedFrame]
    audio: Sequence[EncodedFrame]
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A container's bytes, and the window it holds in seconds on the session's clock (0 in the file is `start`), with
    the gaps in it, in the order of their beginning."""

    data: bytes
    container: Container
    start: float
    end: float
    gaps: Sequence[Gap] = ()


class ClipError(Exception):
    """Frames that no container takes. The message says why."""


def cut(
    video: Sequence[EncodedFrame], audio: Sequence[EncodedFrame], length: float, since: float = -inf
) -> Cut | None:
    """Choose about the last `length` seconds, nothing of them before `since`; None where there is nothing.

    With a picture a clip begins on a keyframe and ends with the newest frame. It never spans a change of codec or
    size: it then begins at the change. Without a picture, or when the camera has stopped, the sound alone is cut.
    """
    camera_off = not video or (len(audio) > 0 and audio[-1].start - video[-1].start > STALE)
    video, audio = _between(video, since), _between(audio, since)
    if camera_off:
        return _cut_sound(audio, length)
    keyframes = [index for index, frame in enumerate(video) if frame.keyframe]
    if not keyframes:
        return None
    end = video[-1].start
    first = _first_keyframe(video, keyframes, length)
    start = video[first].start
    return Cut(video=video[first:], audio=_between(audio, start, end), start=start, end=end)


def _cut_sound(audio: Sequence[EncodedFrame], length: float) -> Cut | None:
    if not audio:
        return None
    end = audio[-1].start
    heard = _between(audio, end - length)
    return Cut(video=(), audio=heard, start=heard[0].start, end=end)


def _between(frames: Sequence[EncodedFrame], since: float, until: float = inf) -> Sequence[EncodedFrame]:
    """Those of a track that begin then."""
    return frames[bisect_left(frames, since, key=_START) : bisect_right(frames, until, key=_START)]


def _first_keyframe(video: Sequence[EncodedFrame], keyframes: Sequence[int], length: float) -> int:
    """Where to begin: the shortest clip that is long enough, else the longest that is not too long."""
    newest = video[keyframes[-1]]
    alike = []
    for index in reversed(keyframes):
        if (video[index].codec, video[index].format) != (newest.codec, newest.format):
            break
        alike.append(index)
    end = video[-1].start
    lengths = [(end - video[index].start, index) for index in alike]  # growing
    enough = [each for each in lengths if each[0] >= length - TOLERANCE]
    if enough and enough[0][0] <= length + SLACK:
        return enough[0][1]
    short = [each for each in lengths if each[0] < length - TOLERANCE]
    if short and (short[-1][0] >= SHORTEST or not enough):
        return short[-1][1]
    return enough[0][1]


def gaps(cut: Cut) -> Sequence[Gap]:
    """What was lost on the way and is missing in a cut."""
    found = [
        Gap(kind=after.kind, start=before.start, end=after.start)
        for track in (cut.video, cut.audio)
        for before, after in pairwise(track)
        if not after.contiguous
    ]
    return tuple(sorted(found, key=_START))


def remux(cut: Cut) -> Clip:
    """Put the frames of a cut into a container: VP8 and Opus into WebM, H264 and Opus into MP4. Raises `ClipError`."""
    container: Container = "mp4" if cut.video and cut.video[0].codec == "h264" else "webm"
    try:
        data = (_mp4 if container == "mp4" else _webm)(cut)
    except av.FFmpegError as error:
        raise ClipError(f"cannot be muxed: {error}") from error
    return Clip(data=data, container=container, start=cut.start, end=cut.end, gaps=gaps(cut))


def _webm(cut: Cut) -> bytes:
    blocks = webm.blocks(webm.VIDEO, cut.video, cut.start) + webm.blocks(webm.AUDIO, cut.audio, cut.start)
    last = max((_end(frames) for frames in (cut.video, cut.audio) if frames), default=cut.end)
    return webm.whole(picture_size(cut.video[0]) if cut.video else None, sorted(blocks), last - cut.start)


def picture_size(keyframe: EncodedFrame) -> tuple[int, int]:
    """Width and height in pixels of a picture of VP8. Raises `ClipError`."""
    width, height = vp8_size(keyframe.format or bytes(4))
    if not (width and height):
        raise ClipError("cannot be muxed: the picture has no size")
    return width, height


def _end(frames: Sequence[EncodedFrame]) -> float:
    """When the last frame of a track is over: the one before it lasted as long."""
    last = frames[-1]
    return last.start + (last.start - frames[-2].start if len(frames) > 1 else _DEFAULT_FRAME[last.kind])


def _mp4(cut: Cut) -> bytes:
    file = io.BytesIO()  # PyAV holds the interpreter lock while it opens and closes a path
    with av.open(file, "w", format="mp4") as output:
        tracks = [_packets(cut.video, h264_stream(output, cut.video[0]), cut.start)]
        if cut.audio:
            tracks.append(_packets(cut.audio, output.add_stream_from_template(opus_stream()), cut.start))
        for _, packet in heapq.merge(*tracks, key=itemgetter(0)):
            output.mux(packet)
    return file.getvalue()


def h264_stream(output: av.container.OutputContainer, first: EncodedFrame) -> av.VideoStream:
    """A stream of a container for the picture that begins with a keyframe."""
    # Reading the keyframe as a file gives the codec's extradata, which MP4 needs in its header. FFmpeg would also
    # decode it to learn its pixel format, which a large picture makes 0.3 s and 150 MB of.
    unseen = [{"skip_frame": "all"}]
    with av.open(io.BytesIO(first.data), format="h264", stream_options=unseen) as source:  # type: ignore[arg-type]
        return output.add_stream_from_template(source.streams.video[0])


def _packets(
    frames: Sequence[EncodedFrame], stream: av.VideoStream | av.AudioStream, origin: float
) -> Iterator[tuple[float, av.Packet[Any]]]:
    rate = CLOCK_RATE[frames[0].codec]
    duration = _DEFAULT_FRAME[frames[0].kind]
    for index, frame in enumerate(frames):
        if index + 1 < len(frames):
            duration = frames[index + 1].start - frame.start
        packet = av.Packet(frame.data)
        packet.stream = stream
        packet.time_base = Fraction(1, rate)
        packet.pts = packet.dts = round((frame.start - origin) * rate)
        packet.duration = round(duration * rate)
        packet.is_keyframe = frame.keyframe
        yield frame.start, packet


@cache
def opus_stream() -> av.AudioStream:
    """A stream with an OpusHead to copy into each clip: a mux stream made by name cannot be given one."""
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as output:
        stream = output.add_stream("libopus", rate=48_000, layout="stereo")
        silence = av.AudioFrame(format="s16", layout="stereo", samples=960)
        silence.sample_rate = 48_000
        silence.pts = 0
        for plane in silence.planes:
            plane.update(bytes(plane.buffer_size))
        for frame in (silence, None):
            for packet in stream.encode(frame):
                output.mux(packet)
    file.seek(0)
    return av.open(file).streams.audio[0]
