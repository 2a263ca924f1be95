"""Which packets of a video must be decoded for about one look a second, and the looks they give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import av
import numpy as np
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from models.base import Look
from models.memory import CLOSEST

if TYPE_CHECKING:
    Packet = av.Packet[VideoStream]  # generic in PyAV's stubs only

Wanted = Callable[[Sequence[float]], Sequence[float]]
"""Which of these session seconds must be looked at: `Engine.wanted` of one session."""

INTERVAL = 1.0
"""Seconds between looks where keyframes are rarer."""

PATIENCE = 0.5
"""Seconds that a keyframe may be late before the frames since the last one are decoded in its place."""

CLOSE = 0.6
"""Share of the time between looks by which a keyframe may come after a look was due and serve in its place."""

MAX_SIDE = 1920
"""Pixels; larger frames are shrunk to this, so that a look is at most 11 MB."""


class Pictures:
    """Takes a video's packets in order and gives the looks. Keyframes cost one frame each; only where none
    comes for the interval and `PATIENCE`, all frames since the last one are decoded up to the wanted one."""

    def __init__(
        self, stream: VideoStream, offset: float, wanted: Wanted, interval: float = INTERVAL
    ) -> None:
        """`offset` is the session second at which the stream's time is 0, `interval` the seconds between looks."""
        self._stream = stream
        self._decoder = stream.codec_context
        self._decoder.thread_count = 1
        self._offset = offset
        self._wanted = wanted
        self._interval = interval
        self._held: list[Packet] = []
        """Packets since the last keyframe that the decoder has not had. Let go as they are used: a file may
        have no other keyframe."""
        self._joined = False
        """Whether the decoder, given what is held, can go on from the last keyframe."""
        self._due = 0.0
        self._last = -np.inf
        """Session second of the last keyframe that was looked at, or need not be: a stream may be all keyframes."""
        self.latest = -np.inf
        """Session second of the newest packet."""
        self.failures = 0

    def feed(self, packet: Packet) -> list[Look]:
        """The looks that this packet completes. Undecodable data is counted in `failures` and passed over."""
        time = self._time(packet)
        if time is None:
            return []
        self.latest = max(self.latest, time)
        if packet.is_keyframe:
            before = self._overdue(time - CLOSE * self._interval)
            self._decoder.flush_buffers()
            self._held, self._joined, self._due = [packet], True, time + self._interval
            if time - self._last < CLOSEST * self._interval:
                return before
            self._last = time
            return before + (self._look(time, self._alone(packet)) if self._wanted([time]) else [])
        if self._joined:
            self._held.append(packet)
        return self._overdue(self.latest - PATIENCE)

    def finish(self) -> list[Look]:
        """The looks that were still due when the packets ended."""
        return self._overdue(self.latest)

    def _time(self, unit: Packet | VideoFrame) -> float | None:
        ticks = unit.pts if unit.pts is not None else unit.dts
        base = self._stream.time_base
        return None if ticks is None or base is None else self._offset + float(ticks * base)

    def _overdue(self, until: float) -> list[Look]:
        looks: list[Look] = []
        while self._joined and self._due <= until:
            times = [time for packet in self._held if (time := self._time(packet)) is not None]
            target = min((time for time in times if time >= self._due), default=None)
            if target is None:
                break
            self._due = target + self._interval
            if self._wanted([target]):
                looks += self._look(target, self._onward())
        return looks

    def _alone(self, keyframe: Packet) -> Iterator[VideoFrame]:
        """What one keyframe decodes to. The decoder is told that nothing follows, so that it holds nothing
        back, and is then made ready to begin again."""
        try:
            yield from [*self._decoder.decode(keyframe), *self._decoder.decode(None)]
        finally:
            self._decoder.flush_buffers()

    def _onward(self) -> Iterator[VideoFrame]:
        """Frames from where the decoder is to the end of what is held, where it has to begin again."""
        while self._held:
            yield from self._decoder.decode(self._held.pop(0))
        self._joined = False
        yield from self._decoder.decode(None)

    def _look(self, target: float, frames: Iterator[VideoFrame]) -> list[Look]:
        half_tick = 0.5 * float(self._stream.time_base or 0)
        try:
            for frame in frames:
                time = self._time(frame)
                if not frame.is_corrupt and (time is None or time >= target - half_tick):
                    return [Look(time=target, rgb=_rgb(frame))]
        except FFmpegError:
            self._joined = False
        self.failures += 1
        return []


def _rgb(frame: VideoFrame) -> NDArray[np.uint8]:
    """The frame as it is meant to be seen: upright, of at most `MAX_SIDE` pixels a side."""
    shrink = min(1.0, MAX_SIDE / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * shrink)), max(1, round(frame.height * shrink))
    rgb = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
    return np.ascontiguousarray(np.rot90(rgb, frame.rotation // 90), dtype=np.uint8)
