"""The windows of a session: each second a clip is cut, kept where that is wanted, and looked at where that is."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from contextlib import aclosing
from dataclasses import asdict
from math import inf

from models.base import EmotionResult, FaceBox, Language
from pipeline.chat.mood import Mood
from pipeline.clip import Clip, ClipError, Cut, remux
from pipeline.history.records import LabelSeen
from pipeline.jobs import AnalysisError
from webrtc import messages
from webrtc.activity import Activity
from webrtc.keeper import Keeper, wall
from webrtc.media import Media
from webrtc.messages import Pausable
from webrtc.outbox import Outbox
from webrtc.services import Services

log = logging.getLogger(__name__)

KEYFRAME_DEADLINE = 0.4
"""Seconds a window waits for the keyframe it asked for; then it ends with the newest frame there is."""

SHORTEST_CLIP = 0.5
"""Seconds of a clip that is worth a file."""

IDLE_KEYFRAMES = 5.0
"""Seconds between keyframes while nothing runs, so that the ring always begins with one."""


class Windows:
    """Ticks once an interval. `saved`, `analysed` and `dropped` count windows since the session began; `clip_ms`
    is how long the last ten took to be muxed."""

    def __init__(
        self,
        session_id: str,
        media: Media,
        outbox: Outbox,
        services: Services,
        length: float,
        interval: float,
    ) -> None:
        self._session_id = session_id
        self._media = media
        self._outbox = outbox
        self._analysis = services.analysis
        self._keeper = Keeper(session_id, media, outbox, services)
        self._history = services.history
        self._figures = services.figures
        self._length = length
        self._interval = interval
        self._activity = Activity()
        self._since: dict[Pausable, float] = {"analysis": inf, "recording": inf}
        self._newest_end: dict[Pausable, float] = {"analysis": -inf, "recording": -inf}
        self._begun = asyncio.Event()
        self._looks: set[asyncio.Task[None]] = set()
        """Those under way, which end when analysis does: also what waits for another engine."""
        self._asked_until = -inf
        self._analysed_until: float | None = None
        self.language: Language = "en"
        """What descriptions are worded in."""
        self.mood = Mood()
        self.analysed = 0
        self._dropped = 0
        self.clip_ms: deque[float] = deque(maxlen=10)

    @property
    def saved(self) -> int:
        """Clips that were kept."""
        return self._keeper.saved

    @property
    def dropped(self) -> int:
        """Windows that were neither looked at nor kept as was wanted."""
        return self._dropped + self._keeper.dropped

    def revoke(self) -> None:
        """The clips of the session are to be deleted: one that is being written is not kept either."""
        self._keeper.revoke()

    def follow(self, activity: Activity) -> None:
        """Do from now on what `activity` says. What was sent before something began is not used for it."""
        now = self._media.now()
        if activity.analysing and not self._activity.analysing:
            self._since["analysis"] = now
            self._begun.set()
        if activity.recording and not self._activity.recording:
            self._since["recording"] = now
            self._begun.set()
        if not activity.analysing:
            for look in self._looks:
                look.cancel()
            self._analysed_until = None
        if self._activity.consent.analysis and not activity.consent.analysis:
            self._analysis.forget(self._session_id)
            self.mood.forget()
        if self._activity.consent.recording and not activity.consent.recording:
            self._keeper.revoke()
        self._activity = activity

    async def run(self) -> None:
        """Tick until cancelled."""
        next_tick = time.monotonic() + self._interval
        next_idle = 0.0
        async with asyncio.TaskGroup() as group:
            while True:
                if await self._begins_before(next_tick):
                    next_tick = time.monotonic()
                # A tick that was missed is not made up for: windows show the newest, not the most.
                next_tick = max(next_tick + self._interval, time.monotonic())
                if self._analysing or self._activity.recording:
                    await self._media.fresh_keyframe(KEYFRAME_DEADLINE)
                    group.create_task(self._window())
                elif time.monotonic() >= next_idle:
                    next_idle = time.monotonic() + IDLE_KEYFRAMES
                    await self._media.fresh_keyframe(KEYFRAME_DEADLINE)

    async def _begins_before(self, tick: float) -> bool:
        """Wait for `tick`, or for analysis or recording to begin before it, which asks for a keyframe at once."""
        try:
            async with asyncio.timeout(max(0.0, tick - time.monotonic())):
                await self._begun.wait()
        except TimeoutError:
            return False
        self._begun.clear()
        return True

    def lag(self, now: float) -> float | None:
        """How far the last result is behind `now`, in seconds, or None while nothing is analysed."""
        return None if self._analysed_until is None else round(max(0.0, now - self._analysed_until), 3)

    @property
    def _analysing(self) -> bool:
        return self._activity.analysing and self._analysis.ready_for(self._activity.told)

    async def _window(self) -> None:
        """Look at the newest window and keep it, whichever of the two is wanted at this moment."""
        looked_at = self._cut("analysis") if self._analysing else None
        kept = self._cut("recording") if self._activity.recording else None
        try:
            clip = await self._remux(kept) if kept is not None else None
            # Mostly the two are the same; not so within a window of one of them having begun.
            shared = (
                clip is not None
                and kept is not None
                and looked_at is not None
                and kept.start == looked_at.start
            )
            look = clip if shared else await self._remux(looked_at) if looked_at is not None else None
        except ClipError as error:
            self._dropped += 1
            log.warning("session %s: a window was dropped: %s", self._session_id, error)
            return
        async with asyncio.TaskGroup() as group:
            saving = None
            if clip is not None and kept is not None and self._activity.recording:
                allowed = self._keeper.permission
                saving = group.create_task(self._keeper.save(clip, allowed))
                group.create_task(self._keeper.announce(saving, clip, bool(kept.video), allowed))
            if look is not None and self._activity.analysing and looked_at is not None:
                if looked_at.end < self._since["analysis"]:
                    return  # it was stopped and begun again while the clip was muxed
                if looked_at.end < self._asked_until:
                    self._dropped += 1  # a newer one was muxed sooner
                    return
                self._asked_until = looked_at.end
                task = group.create_task(self._analyse(look, saving))
                self._looks.add(task)
                task.add_done_callback(self._looks.discard)

    def _cut(self, what: Pausable) -> Cut | None:
        """The newest window since `what` began, or None when there is nothing newer than the last time."""
        chosen = self._media.cut(self._length, self._since[what])
        if chosen is None or chosen.end <= self._newest_end[what]:
            return None
        if what == "recording" and chosen.end - chosen.start < SHORTEST_CLIP:
            return None  # a look may be at a single picture, a clip is to be played
        self._newest_end[what] = chosen.end
        return chosen

    async def _remux(self, chosen: Cut) -> Clip:
        started = time.perf_counter()
        clip = await asyncio.to_thread(remux, chosen)
        self.clip_ms.append((time.perf_counter() - started) * 1e3)
        return clip

    async def _analyse(self, clip: Clip, saving: asyncio.Task[str | None] | None) -> None:
        """Send each answer for a clip, with the name it is kept under."""
        answered = False
        try:
            told = self._activity.told
            asked = self._analysis.analyze(self._session_id, clip, self.language, told)
            async with aclosing(asked) as answers:
                async for result in answers:
                    name = await asyncio.shield(saving) if saving is not None else None
                    if not self._activity.consent.recording:
                        name = None
                    self.analysed += 0 if answered else 1
                    answered = True
                    self._analysed_until = max(self._analysed_until or -inf, result.window_end)
                    self.mood.see(result)
                    message = self._message(result, name)
                    self._history.put(_label(self._session_id, message))
                    self._outbox.send(message)
                    self._figures.looked(result.engine, message.latency.total)
        except AnalysisError as error:
            self._dropped += 0 if answered else 1
            if error.code != "superseded":
                log.warning("session %s: a window was not analysed: %s", self._session_id, error)

    def _message(self, result: EmotionResult, name: str | None) -> messages.EmotionMessage:
        latency = result.latency
        return messages.EmotionMessage(
            emotion=result.emotion,
            reason=result.reason,
            probabilities={label: round(p, 4) for label, p in result.probabilities.items()},
            confidence=None if result.confidence is None else round(result.confidence, 4),
            valence=result.valence,
            arousal=result.arousal,
            description=result.description,
            video_name=name,
            timestamp=round(wall(self._media, result.window_end), 3),
            window_start=round(result.window_start, 3),
            window_end=round(result.window_end, 3),
            engine=result.engine,
            fallback_reason=result.fallback_reason,
            fallback_codes=dict(result.fallback_codes),
            provisional=result.provisional,
            face=_box(result.face),
            latency=messages.LatencyParts(
                decode=round(latency.decode, 1),
                features=round(latency.features, 1),
                inference=round(latency.inference, 1),
                total=round((self._media.now() - result.window_end) * 1e3, 1),
            ),
        )


def _box(face: FaceBox | None) -> messages.FaceBox | None:
    """To about a tenth of a pixel."""
    if face is None:
        return None
    return messages.FaceBox(**{side: round(share, 4) for side, share in asdict(face).items()})


def _label(session_id: str, message: messages.EmotionMessage) -> LabelSeen:
    """What is kept of an answer: what its page was told."""
    told = message.model_dump(exclude={"type", "timestamp", "face", "fallback_codes"})
    return LabelSeen(session_id=session_id, at=message.timestamp, **told)
