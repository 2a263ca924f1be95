"""The status: what a page is told of its session, and of the engines, the chat and the history that all share."""

from __future__ import annotations

import time
from dataclasses import asdict

from webrtc import messages
from webrtc.activity import Activity
from webrtc.media import Media
from webrtc.recorder import Recorder
from webrtc.services import Services
from webrtc.windows import Windows


class Status:
    """As messages have it, at the moment of asking."""

    def __init__(
        self, session_id: str, media: Media, windows: Windows, recorder: Recorder, services: Services
    ) -> None:
        self._session_id = session_id
        self._media = media
        self._windows = windows
        self._recorder = recorder
        self._services = services

    def of(self, activity: Activity) -> messages.SessionStatus:
        """What the session does now, where `activity` is what it is to do."""
        return messages.SessionStatus(
            session_id=self._session_id,
            consent=activity.consent,
            analysing=activity.analysing and self._services.analysis.ready_for(activity.told),
            recording=activity.recording,
            paused=sorted(activity.paused),
            queue_info=self._media.queue_info(),
            engines=self._engines,
            chat=self._chat,
            history=self._history,
            clips_saved=self._windows.saved,
            recording_bytes=self._recorder.bytes,
            windows_analysed=self._windows.analysed,
            windows_dropped=self._windows.dropped,
        )

    def welcome(self, limits: messages.Limits) -> messages.Welcome:
        """The answer to a page's hello."""
        return messages.Welcome(
            session_id=self._session_id,
            engines=self._engines,
            chat=self._chat,
            history=self._history,
            limits=limits,
        )

    def pong(self, ping: messages.Ping) -> messages.Pong:
        """The answer to a page's ping."""
        return messages.Pong(
            session_id=self._session_id,
            client_ts=ping.client_ts,
            server_ts=time.time(),
            queue_info=self._media.queue_info(),
            load=messages.Load(
                loop_lag_ms=round(self._services.lag.worst_ms, 1),
                analysis_lag_s=self._windows.lag(self._media.now()),
            ),
        )

    def shared(self) -> tuple[object, ...]:
        """What a page is told anew when it changes."""
        services, history = self._services, self._services.history.status
        # Not how much waits to be written: that changes all the time.
        kept = history.available, history.code, history.reason
        return services.analysis.engines, services.chat.status, kept

    @property
    def _engines(self) -> list[messages.Engine]:
        return [messages.Engine(**asdict(engine)) for engine in self._services.analysis.engines]

    @property
    def _chat(self) -> messages.ChatState:
        return messages.ChatState(**asdict(self._services.chat.status))

    @property
    def _history(self) -> messages.HistoryState:
        status = self._services.history.status
        return messages.HistoryState(available=status.available, code=status.code, reason=status.reason)
