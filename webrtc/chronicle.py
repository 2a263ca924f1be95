"""The chronicle: what the history is told of a session, beside its labels, clips and chat."""

from __future__ import annotations

import time

from models.base import Language
from pipeline.history.history import History
from pipeline.history.records import ConsentSaid, RecordingBegan, RecordingEnded, SessionBegan, SessionEnded
from webrtc.activity import Activity
from webrtc.messages import Consent


class Chronicle:
    """Tells when a session began and ended, what was allowed, and when clips were written. A caller who never said
    hello leaves nothing."""

    def __init__(self, session_id: str, history: History) -> None:
        self._session_id = session_id
        self._history = history
        self._begun = False
        self._activity = Activity()
        self._latest = 0.0

    def begin(self, language: Language) -> None:
        """The caller has said hello; saying it again changes nothing."""
        if not self._begun:
            self._begun = True
            self._history.put(
                SessionBegan(session_id=self._session_id, kind="call", at=self._now(), language=language)
            )

    def follow(self, activity: Activity) -> None:
        """What holds from now on."""
        if not self._begun:
            return
        before, self._activity = self._activity, activity
        now, consent = self._now(), activity.consent
        if _said(before) != _said(activity):
            self._history.put(
                ConsentSaid(
                    session_id=self._session_id,
                    at=now,
                    analysis=consent.analysis,
                    recording=consent.recording,
                    version=activity.consent_version,
                    given_by=activity.given_by,
                )
            )
        if activity.recording and not before.recording:
            self._history.put(RecordingBegan(session_id=self._session_id, at=now))
        elif before.recording and not activity.recording:
            self._history.put(RecordingEnded(session_id=self._session_id, at=now))

    def end(self, reason: str) -> None:
        """The caller has left. `reason` is for people."""
        if not self._begun:
            return
        if self._activity.recording:
            self._history.put(RecordingEnded(session_id=self._session_id, at=self._now()))
        self._history.put(SessionEnded(session_id=self._session_id, at=self._now(), reason=reason))
        self._begun = False

    def _now(self) -> float:
        """Epoch seconds that never go back, whatever is done to the clock: an end before its beginning ends nothing."""
        self._latest = max(self._latest, time.time())
        return self._latest


def _said(activity: Activity) -> tuple[Consent, str | None]:
    """What is allowed, and by which words. Where nothing is, no words were agreed to."""
    consent = activity.consent
    return consent, activity.consent_version if consent.analysis or consent.recording else None
