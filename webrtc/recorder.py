"""The recorder: writes the whole call, as it was received, into `recordings/` while recording goes on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from dataclasses import dataclass, field

from pipeline.clip import ClipError
from pipeline.frames import EncodedFrame
from pipeline.history.records import RecordingKept
from pipeline.library import refusal
from pipeline.recording import Recording
from pipeline.splitter import Splitter
from webrtc import messages
from webrtc.activity import Activity
from webrtc.keeper import Permission, wall
from webrtc.media import Media
from webrtc.outbox import Outbox
from webrtc.services import Services

log = logging.getLogger(__name__)

DRAIN = 0.4
"""Seconds between writes. With the muxer's own piece of as much, a crash costs less than a second."""

MOST_WAITING = 2000
"""Frames that wait for a disk, some 25 s of a call; then the oldest are lost."""

RETRY = 5.0
"""Seconds after which a disk that took nothing is tried again."""

LAST_WRITE = 2.0
"""Seconds that a call which has ended waits for the disk. What is not written by then is lost."""


@dataclass(slots=True, eq=False)
class _Stretch:
    """From the beginning of recording to its end or to a pause: one file or, where what is sent changes, several."""

    splitter: Splitter
    allowed: Permission
    frames: deque[EncodedFrame] = field(default_factory=lambda: deque(maxlen=MOST_WAITING))
    over: bool = False
    file: Recording | None = None
    closed: list[Recording] = field(default_factory=list)
    not_before: float = 0.0
    """Monotonic seconds: when a disk that took nothing is tried again."""


class Recorder:
    """Frames are appended to a list as they come; a thread makes files of them. `bytes` counts what was written."""

    def __init__(self, session_id: str, media: Media, outbox: Outbox, services: Services) -> None:
        self._session_id = session_id
        self._media = media
        self._outbox = outbox
        self._recordings = services.recordings
        self._finisher = services.finisher
        self._history = services.history
        self._activity = Activity()
        self._stretches: deque[_Stretch] = deque()
        self._news = asyncio.Event()
        self._writing: asyncio.Future[None] | None = None
        self._allowed = Permission()
        self._unwritable = False
        self._written = 0

    @property
    def bytes(self) -> int:
        """Of all recordings of this call so far."""
        return self._written + sum(each.file.size for each in self._stretches if each.file is not None)

    def follow(self, activity: Activity) -> None:
        """Do from now on what `activity` says. A pause ends a file, and what comes after it has a file of its own."""
        before, self._activity = self._activity, activity
        if before.consent.recording and not activity.consent.recording:
            self.revoke()
        if activity.recording and not before.recording:
            stretch = _Stretch(Splitter(self._media.kinds), self._allowed)
            self._stretches.append(stretch)
            self._media.sink = stretch.frames.append
        elif before.recording and not activity.recording:
            self._media.sink = None
            self._end_stretches()
        self._news.set()

    def revoke(self) -> None:
        """The recordings of the session are to be deleted: what is being written is not kept either."""
        self._allowed.holds = False
        self._allowed = Permission()

    def _end_stretches(self) -> None:
        for stretch in self._stretches:
            stretch.over = True

    async def run(self) -> None:
        """Write until cancelled, and then what still waits."""
        try:
            while True:
                await self._drain()
                if not self._stretches:
                    await self._news.wait()
                self._news.clear()
                await asyncio.sleep(DRAIN)
        finally:
            self._media.sink = None
            self._end_stretches()
            try:
                async with asyncio.timeout(LAST_WRITE):
                    if self._writing is not None:
                        await asyncio.wait([self._writing])
                    await self._drain()
            except TimeoutError:
                log.error("session %s: the disk did not take the end of its recording", self._session_id)

    async def _drain(self) -> None:
        """Write what waits, and hand over the files that have ended."""
        while self._stretches:
            stretch = self._stretches[0]
            over, frames = stretch.over, list(stretch.frames)
            stretch.frames.clear()
            if len(frames) == MOST_WAITING:
                stretch.splitter.lost()
                self._cannot_write("disk_slow", "the disk is too slow")
            self._writing = asyncio.ensure_future(asyncio.to_thread(self._write, stretch, frames, over))
            trouble: OSError | ClipError | None = None
            try:
                await asyncio.shield(self._writing)
            except (OSError, ClipError) as error:
                trouble = error
            self._writing = None
            self._said(trouble, stretch)
            for file in stretch.closed:
                await self._hand_over(file, stretch.allowed)
            stretch.closed.clear()
            if not over:
                return
            self._stretches.remove(stretch)

    def _said(self, trouble: OSError | ClipError | None, stretch: _Stretch) -> None:
        if isinstance(trouble, OSError):
            code = refusal(trouble)
            self._cannot_write(code, trouble.strerror or type(trouble).__name__)
        elif trouble is not None:
            log.warning("session %s: its recording was interrupted: %s", self._session_id, trouble)
        elif stretch.file is not None and len(stretch.frames) < MOST_WAITING:
            self._unwritable = False

    # --- in a thread -----------------------------------------------------------------------------------------

    def _write(self, stretch: _Stretch, frames: list[EncodedFrame], over: bool) -> None:
        """Raises `OSError` and `ClipError`: the file has then ended."""
        if time.monotonic() >= stretch.not_before:
            try:
                for frame in frames:
                    self._take(stretch, frame)
                if stretch.file is not None:
                    stretch.file.flush()
            except (OSError, ClipError):
                self._close(stretch, whole=False)
                stretch.not_before = time.monotonic() + RETRY
                raise
        if over:
            self._close(stretch)

    def _take(self, stretch: _Stretch, frame: EncodedFrame) -> None:
        step = stretch.splitter.take(frame)
        if step == "begin":
            if stretch.file is not None:
                self._close(stretch)
                step = stretch.splitter.take(frame)
            began = wall(self._media, frame.start)
            stretch.file = self._recordings.begin(began, self._session_id, frame, self._media.kinds)
        if step != "skip" and stretch.file is not None:
            stretch.file.take(frame)

    def _close(self, stretch: _Stretch, *, whole: bool = True) -> None:
        file, stretch.file = stretch.file, None
        stretch.splitter.ended()
        if file is not None:
            stretch.closed.append(file)
            file.close(whole=whole)

    # --- and in the loop again -------------------------------------------------------------------------------

    async def _hand_over(self, file: Recording, allowed: Permission) -> None:
        self._written += file.size
        if allowed.holds:
            self._finisher.put(file.name, lambda size: self._tell(file, size, allowed))
        else:
            await asyncio.to_thread(self._recordings.discard, file.name)

    def _tell(self, file: Recording, size: int, allowed: Permission) -> None:
        """A recording has got its name."""
        if not allowed.holds:
            return
        start, end = round(file.start, 3), round(file.end, 3)
        at = round(wall(self._media, file.start), 3)
        self._history.put(
            RecordingKept(session_id=self._session_id, at=at, name=file.name, start=start, end=end, size=size)
        )
        url = f"/recordings/{file.name}"
        self._outbox.send(
            messages.RecordingSaved(recording_name=file.name, start=start, end=end, size=size, url=url)
        )

    def _cannot_write(self, code: str, reason: str) -> None:
        if self._unwritable:
            return  # said once, until it works again
        self._unwritable = True
        log.error("session %s: the call cannot be recorded: %s", self._session_id, reason)
        self._outbox.send(
            messages.Notice(
                code=code,
                text=f"The recording cannot be written to the server's disk ({reason}). The call goes on.",
                detail=reason,
                level="error",
            )
        )
