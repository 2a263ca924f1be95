"""The splitter: where a recording's file begins, which frames it has, and where the next one begins."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from pipeline.frames import EncodedFrame, Kind

ALONE = 2.0
"""Seconds of sound without a picture after which a file begins with the sound alone."""

Step = Literal["skip", "begin", "go_on"]


class Splitter:
    """Says of each frame in turn what becomes of it. `kinds` are the tracks that the call has.

    A file begins with a keyframe, or with sound where no picture comes. It ends where one begins that its header does
    not fit: of another codec, of another set-up in H264, or the first one after sound alone. The size of VP8 may
    change within a file. What is lost on the way is a gap in time.
    """

    def __init__(self, kinds: Collection[Kind]) -> None:
        self._with_video = "video" in kinds
        self._begun = False
        self._setup: tuple[str, bytes | None] | None = None
        self._keyframe_missing = False
        self._heard: float | None = None

    def take(self, frame: EncodedFrame) -> Step:
        """What to do with the next frame."""
        return self._sound(frame) if frame.kind == "audio" else self._picture(frame)

    def lost(self) -> None:
        """Frames were dropped here: no picture is of use until the next keyframe."""
        self._keyframe_missing = True

    def ended(self) -> None:
        """The file is closed; the next frame that may begin one does."""
        self._begun, self._setup, self._heard = False, None, None

    def _sound(self, frame: EncodedFrame) -> Step:
        if self._begun:
            return "go_on"
        if self._heard is None:
            self._heard = frame.start
        if self._with_video and frame.start - self._heard < ALONE:
            return "skip"
        self._begun = True
        return "begin"

    def _picture(self, frame: EncodedFrame) -> Step:
        if not frame.keyframe:
            return "go_on" if self._setup is not None and not self._keyframe_missing else "skip"
        self._keyframe_missing = False
        setup = (frame.codec, frame.format if frame.codec == "h264" else None)
        if self._begun and setup == self._setup:
            return "go_on"
        self._begun, self._setup = True, setup
        return "begin"
