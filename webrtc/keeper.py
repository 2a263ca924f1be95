"""The keeper: writes the clips of a session, and tells of each; or says why it cannot."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass

from pipeline.clip import Clip
from pipeline.history.records import ClipKept
from pipeline.library import clip_name, refusal
from webrtc import messages
from webrtc.media import Media
from webrtc.outbox import Outbox
from webrtc.services import Services

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Permission:
    """Whether what is written under it may be kept, as the threads that write see it."""

    holds: bool = True


class Keeper:
    """One clip is written at a time. `saved` counts those that were, `dropped` those that could not be."""

    def __init__(self, session_id: str, media: Media, outbox: Outbox, services: Services) -> None:
        self._session_id = session_id
        self._media = media
        self._outbox = outbox
        self._library = services.library
        self._history = services.history
        self.permission = Permission()
        self._saving = False
        self._unwritable = False
        self.saved = 0
        self.dropped = 0

    def revoke(self) -> None:
        """The clips of the session are to be deleted: one that is being written is not kept either."""
        self.permission.holds = False
        self.permission = Permission()

    async def save(self, clip: Clip, allowed: Permission) -> str | None:
        """Write a clip; its name, or None where it could not be written, or may not be kept any more."""
        if self._saving:
            self._cannot_write("disk_slow", "the disk is too slow")
            return None
        self._saving = True
        name = clip_name(wall(self._media, clip.end), self._session_id, clip.container)
        try:
            kept = await asyncio.to_thread(self._keep, name, clip.data, allowed)
        except OSError as error:
            self._cannot_write(refusal(error), error.strerror or type(error).__name__)
            return None
        finally:
            self._saving = False
        self._unwritable = False
        if not kept:
            return None
        self.saved += 1
        return name

    def _keep(self, name: str, data: bytes, allowed: Permission) -> bool:
        """In a thread, which goes on when its task has ended. Whoever withdraws deletes what is there by then, and
        this what comes to be there later."""
        self._library.save(name, data)
        if not allowed.holds:
            self._library.delete(name)
        return allowed.holds

    async def announce(
        self, saving: asyncio.Task[str | None], clip: Clip, has_video: bool, allowed: Permission
    ) -> None:
        """Tell of a clip once it is in the history too, or could not be."""
        if (name := await saving) is None or not allowed.holds:
            return
        start, end, size = round(clip.start, 3), round(clip.end, 3), len(clip.data)
        at = round(wall(self._media, clip.end), 3)
        await self._history.keep(
            ClipKept(session_id=self._session_id, at=at, name=name, start=start, end=end, size=size)
        )
        if not allowed.holds:
            return
        self._outbox.send(
            messages.ClipSaved(
                video_name=name,
                start=start,
                end=end,
                size=size,
                url=f"/videos/{name}",
                thumbnail=f"/thumbnails/{name}.jpg" if has_video else None,
                gaps=[
                    messages.Gap(kind=gap.kind, start=round(gap.start, 3), end=round(gap.end, 3))
                    for gap in clip.gaps
                ],
            )
        )

    def _cannot_write(self, code: str, reason: str) -> None:
        self.dropped += 1
        if self._unwritable:
            return  # said once, until it works again
        self._unwritable = True
        log.error("session %s: clips cannot be written: %s", self._session_id, reason)
        self._outbox.send(
            messages.Notice(
                code=code,
                text=f"Clips cannot be written to the server's disk ({reason}). The call goes on.",
                detail=reason,
                level="error",
            )
        )


def wall(media: Media, session_time: float) -> float:
    """Epoch seconds of a moment on the session's clock."""
    return time.time() - (media.now() - session_time)
