"""The ring: the last seconds of one track, encoded, always beginning where a decoder can begin."""

from __future__ import annotations

from collections import deque

from pipeline.frames import EncodedFrame


class Ring:
    """Keeps the newest frames of a track, bounded in seconds and in bytes.

    Whole groups of pictures leave at a time, so that the oldest frame is a keyframe at any moment. What comes before
    the first keyframe cannot be decoded and is not kept.
    """

    def __init__(self, duration: float, max_bytes: int) -> None:
        self._max_duration = duration
        self._max_bytes = max_bytes
        self._frames: deque[EncodedFrame] = deque()
        self.bytes = 0

    def append(self, frame: EncodedFrame) -> None:
        """Add the newest frame and let go of what is too old or too much."""
        if not self._frames and not frame.keyframe:
            return
        self._frames.append(frame)
        self.bytes += len(frame.data)
        while self._frames and (
            frame.start - self._frames[0].start > self._max_duration or self.bytes > self._max_bytes
        ):
            self._drop_group()

    def age(self, now: float) -> None:
        """Let go of what is too old at session second `now`, for a track that brings nothing new itself."""
        while self._frames and now - self._frames[0].start > self._max_duration:
            self._drop_group()

    def snapshot(self) -> list[EncodedFrame]:
        """The frames held now, oldest first."""
        return list(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def duration(self) -> float:
        """Seconds from the oldest frame to the newest."""
        return self._frames[-1].start - self._frames[0].start if self._frames else 0.0

    @property
    def newest(self) -> EncodedFrame | None:
        return self._frames[-1] if self._frames else None

    def _drop_group(self) -> None:
        self.bytes -= len(self._frames.popleft().data)
        while self._frames and not self._frames[0].keyframe:
            self.bytes -= len(self._frames.popleft().data)
