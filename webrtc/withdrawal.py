"""The withdrawal: what came of a consent is deleted when the consent is withdrawn, and the page is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from pipeline.history.records import Withdrawn
from webrtc import messages
from webrtc.activity import Activity
from webrtc.messages import Consent, Pausable
from webrtc.outbox import Outbox
from webrtc.services import Services

log = logging.getLogger(__name__)

BOTH: tuple[Pausable, ...] = ("analysis", "recording")

TOLD: Mapping[Pausable, Sequence[str]] = {
    "analysis": ("emotion_result",),
    "recording": ("clip_saved", "recording_saved"),
}
"""What a slow page was still to be told."""

TEXTS: Mapping[str, str] = {
    "labels_deleted": "Labels of this call were deleted.",
    "labels_deleted_later": "Labels of this call are deleted as soon as the history can be reached.",
    "clips_deleted": "Clips and recordings of this call were deleted.",
    "clips_deleted_later": "Clips and recordings of this call were deleted; the history follows as soon as it can be "
    "reached.",
}


class Withdrawal:
    """Deletes the labels, or the clips and recordings, of a session. That it has to is in the history's queue at once,
    behind all that was put before; files are deleted by `run`, and by `settle` where the session ended meanwhile."""

    def __init__(self, session_id: str, outbox: Outbox, services: Services) -> None:
        self._session_id = session_id
        self._outbox = outbox
        self._services = services
        self._consent = Consent()
        self._owed: list[Pausable] = []
        self._some = asyncio.Event()

    def follow(self, activity: Activity) -> None:
        """What holds from now on; to be called after all that makes labels and clips has followed it."""
        before, self._consent = self._consent, activity.consent
        for what in BOTH:
            if getattr(before, what) and not getattr(activity.consent, what):
                self._begin(what)

    def _begin(self, what: Pausable) -> None:
        self._services.history.put(Withdrawn(session_id=self._session_id, what=what))
        for kind in TOLD[what]:
            self._outbox.drop(kind)
        if what == "analysis":
            self._services.chat.forget_moods(self._session_id)
        self._owed.append(what)
        self._some.set()

    async def run(self) -> None:
        """Delete what is to be, until cancelled."""
        while True:
            await self._some.wait()
            self._some.clear()
            while self._owed:
                what = self._owed.pop(0)
                try:
                    self._outbox.send(await self._delete(what))
                except asyncio.CancelledError:
                    self._owed.append(what)
                    raise

    async def settle(self) -> None:
        """Delete what is still to be: nobody is told any more."""
        if "recording" in self._owed:
            await self._delete_clips()
        self._owed.clear()

    async def _delete(self, what: Pausable) -> messages.Notice:
        if what == "recording" and (refused := await self._delete_clips()) is not None:
            return messages.Notice(
                code="clips_not_deleted",
                text=f"Clips of this call could not be deleted from the server's disk ({refused}).",
                detail=refused,
                level="error",
            )
        done = "labels_deleted" if what == "analysis" else "clips_deleted"
        if await self._services.history.written():
            return messages.Notice(code=done, text=TEXTS[done])
        later = f"{done}_later"
        return messages.Notice(code=later, text=TEXTS[later], level="warning")

    async def _delete_clips(self) -> str | None:
        """Delete the files; why the disk refused, or None."""
        services = self._services
        try:
            names = await asyncio.to_thread(services.library.remove, self._session_id)
            recordings = await asyncio.to_thread(services.recordings.remove, self._session_id)
            await services.transcoder.remove([*names, *recordings])
        except OSError as error:
            reason = error.strerror or type(error).__name__
            log.error("session %s: its clips cannot be deleted: %s", self._session_id, reason)
            return reason
        return None
