"""A session: one caller from the offer to the leaving, and all that runs for them in between."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass

from aiortc import MediaStreamTrack, RTCDataChannel, RTCPeerConnection

from models.base import Language
from pipeline.audit import Event
from webrtc import messages, signaling
from webrtc.activity import Activity, Refused
from webrtc.chronicle import Chronicle
from webrtc.media import Media
from webrtc.outbox import Outbox
from webrtc.services import Services
from webrtc.talk import Talk
from webrtc.tap import LeanPath, ReceivePath
from webrtc.windows import Windows
from webrtc.withdrawal import Withdrawal

log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 5.0
"""Seconds from the answer to an open data channel: a page that was closed before it read the answer is gone."""

HELLO_TIMEOUT = 5.0
"""Seconds from an open data channel to `hello`."""

HEARTBEAT_TIMEOUT = 3.5
"""Seconds with neither a message from the page, which pings five times a second, nor media, after which it is taken for
gone."""

MEDIA_ALONE_TIMEOUT = 10.0
"""Seconds with media but without a message. After a break of the link media is there at once, and messages when SCTP
next tries, which it does ever more rarely (RFC 9260 section 6.3.3)."""

MAX_INBOX = 256
"""Messages of a page that wait to be read; more are dropped and counted."""

FAREWELL = 0.2
"""Seconds from the last message to the end of the connection, for the message to arrive."""

_WATCH_INTERVAL = 0.25
_CLOSE_TIMEOUT = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """Seconds: how much the ring holds, how long a clip is, and how far clips are apart."""

    ring_duration: float
    buffer_duration: float
    save_interval: float
    receive: Callable[[], ReceivePath] = LeanPath
    """Makes the way in which a caller's media is received."""


class Session:
    """Owns a peer connection and everything of it. `run` returns when the caller has left and all is freed."""

    def __init__(self, session_id: str, config: SessionConfig, services: Services) -> None:
        self.id = session_id
        self.token = services.tokens.of(session_id, time.time())
        self.activity = Activity()
        self._path = config.receive()
        self.media = Media(config.ring_duration, self._path.tap)
        self.outbox = Outbox()
        self.windows = Windows(
            self.id, self.media, self.outbox, services, config.buffer_duration, config.save_interval
        )
        self._chronicle = Chronicle(self.id, services.history)
        self._withdrawal = Withdrawal(self.id, self.outbox, services)
        self.talk = Talk(self.id, self.outbox, services.chat, self.mood)
        self.quality: float | None = None
        self.unknown_messages = 0
        self.lost_messages = 0
        self._config = config
        self._services = services
        self._peer: RTCPeerConnection = signaling.new_peer()
        self._peer.on("track", self._on_track)
        self._peer.on("datachannel", self._on_channel)
        self._inbox: asyncio.Queue[str | bytes] = asyncio.Queue(MAX_INBOX)
        self._leaving = asyncio.Event()
        self._reason = "left"
        self._farewell: messages.SessionEnded | messages.Error | None = None
        self._created = time.monotonic()
        self._channel_opened: float | None = None
        self._heard = self._created
        self._greeted = False
        self._shown = self._states()

    async def accept(self, sdp: str) -> str:
        """Answer an offer. Raises `OfferRejected`; the session must then be closed with `close`."""
        return (await signaling.answer(self._peer, sdp, self._path)).sdp

    def leave(self, reason: str, farewell: messages.SessionEnded | messages.Error | None = None) -> None:
        """End the session soon, with a last message to the page where it does not know why. The first reason counts."""
        if not self._leaving.is_set():
            self._reason, self._farewell = reason, farewell
            self._leaving.set()

    async def run(self) -> None:
        """Serve the caller until they leave."""
        log.info("session %s began", self.id)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self.media.run()),
                    group.create_task(self._listen()),
                    group.create_task(self.windows.run()),
                    group.create_task(self.talk.run()),
                    group.create_task(self._withdrawal.run()),
                    group.create_task(self._watch()),
                ]
                await self._leaving.wait()
                for task in tasks:
                    task.cancel()
            await self._say_farewell()
        finally:
            self._hear_out()
            self._chronicle.end(self._reason)
            if isinstance(self._farewell, messages.SessionEnded) and self._farewell.code == "deleted":
                self.windows.revoke()
            try:
                await self._withdrawal.settle()
                await self.close()
            finally:  # last, or those who add up would count it twice while it closes
                self._services.figures.ended(self)
            log.info("session %s ended: %s", self.id, self._reason)

    async def _say_farewell(self) -> None:
        if self._farewell is not None and self.outbox.is_open:
            self.outbox.send(self._farewell)
            await asyncio.sleep(FAREWELL)

    async def close(self) -> None:
        """Free the connection and what was kept. May be called more than once."""
        self._services.analysis.forget(self.id)
        self._services.chat.leave(self.id)
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                # Shielded: aiortc closes by itself when the other side does, and both wait for one future.
                await asyncio.shield(signaling.hang_up(self._peer))
        except TimeoutError:
            log.warning("session %s: the connection did not close within %s s", self.id, _CLOSE_TIMEOUT)

    @property
    def state(self) -> str:
        """As aiortc has it: new, connecting, connected, failed or closed."""
        return str(self._peer.connectionState)

    @property
    def age(self) -> float:
        """Seconds since the offer."""
        return time.monotonic() - self._created

    def status(self) -> messages.SessionStatus:
        """What the session does now."""
        return messages.SessionStatus(
            session_id=self.id,
            consent=self.activity.consent,
            analysing=self.activity.analysing and self._services.analysis.ready_for(self.activity.told),
            recording=self.activity.recording,
            paused=sorted(self.activity.paused),
            queue_info=self.media.queue_info(),
            engines=self._engines(),
            chat=self._chat(),
            history=self._history(),
            clips_saved=self.windows.saved,
            windows_analysed=self.windows.analysed,
            windows_dropped=self.windows.dropped,
        )

    def mood(self, language: Language) -> str | None:
        """What a model may be told of the expressions of the last minute; None without consent, or with none seen."""
        if not self.activity.consent.analysis:
            return None
        return self.windows.mood.told(self.media.now(), language)

    # --- aiortc's callbacks ----------------------------------------------------------------------------------

    def _on_track(self, track: MediaStreamTrack) -> None:
        for transceiver in self._peer.getTransceivers():
            if transceiver.receiver.track is track:
                self.media.add(transceiver)

    def _on_channel(self, channel: RTCDataChannel) -> None:
        if channel.label == "events" and self._channel_opened is None:
            self._channel_opened = self._heard = time.monotonic()
            self.outbox.open(channel)
            channel.on("message", self._on_message)
            channel.on("bufferedamountlow", self.outbox.flush)
            channel.on("close", lambda: self.leave("the data channel closed"))

    def _on_message(self, text: str | bytes) -> None:
        self._heard = time.monotonic()
        try:
            self._inbox.put_nowait(text)
        except asyncio.QueueFull:
            self.lost_messages += 1

    # --- what the page says ----------------------------------------------------------------------------------

    async def _listen(self) -> None:
        while True:
            self._read(await self._inbox.get())
            await asyncio.sleep(0)  # a full inbox must not hold the loop

    def _read(self, text: str | bytes) -> None:
        try:
            self._obey(messages.parse(text))
        except messages.UnknownMessage:
            self.unknown_messages += 1
        except messages.MalformedMessage as error:
            self.outbox.send(messages.Error(code="bad_message", message=str(error)))
        except Refused as refusal:
            self.outbox.send(messages.Error(code=refusal.code, message=str(refusal)))

    def _hear_out(self) -> None:
        """What the page said of its consent before it left counts, though nobody listened any more."""
        while not self._inbox.empty():
            with suppress(messages.UnknownMessage, messages.MalformedMessage):
                message = messages.parse(self._inbox.get_nowait())
                if isinstance(message, messages.SetConsent):
                    self._obey(message)

    def _obey(self, message: messages.PageMessage) -> None:
        match message:
            case messages.Ping():
                self.quality = message.quality
                self.outbox.send(self._pong(message))
                return
            case messages.Chat() | messages.ChatStop() | messages.ChatClear():
                if not self._greeted:
                    raise Refused("hello_missing", "Say hello before anything else.")
                self.talk.hear(message)
                return
            case messages.Hello():
                self._greet(message)
            case messages.SetConsent():
                consent = messages.Consent(analysis=message.analysis, recording=message.recording)
                self._audit(self.activity.consent, consent)
                self.activity = self.activity.with_consent(consent, message.consent_version, message.told)
                if not consent.analysis:
                    self.talk.withhold_mood()
            case messages.StartRecording():
                self.activity = self.activity.start_recording()
            case messages.StopRecording():
                self.activity = self.activity.stop_recording()
            case messages.Pause():
                self.activity = self.activity.pause(message.what)
            case messages.Resume():
                self.activity = self.activity.resume(message.what)
            case messages.GetSessionStatus():
                pass
        self._chronicle.follow(self.activity)
        self.windows.follow(self.activity)
        self._withdrawal.follow(self.activity)
        self.outbox.send(self.status())

    def _greet(self, hello: messages.Hello) -> None:
        if hello.version > messages.PROTOCOL_VERSION:
            raise Refused("version_unsupported", "This page is newer than the server: reload it.")
        self._greeted = True
        language: Language = "zh" if hello.language.lower().startswith("zh") else "en"
        self.windows.language = self.talk.language = language
        self._chronicle.begin(language)
        self._audit(self.activity.consent, hello.consent)
        self.activity = self.activity.with_consent(hello.consent, hello.consent_version, hello.told)
        self.outbox.send(
            messages.Welcome(
                session_id=self.id,
                engines=self._engines(),
                chat=self._chat(),
                history=self._history(),
                limits=messages.Limits(
                    max_duration=self._config.ring_duration,
                    buffer_duration=self._config.buffer_duration,
                    save_interval=self._config.save_interval,
                ),
            )
        )

    def _audit(self, before: messages.Consent, now: messages.Consent) -> None:
        """Tell the audit log what is allowed now and was not, and the other way round."""
        both: tuple[messages.Pausable, ...] = ("analysis", "recording")
        for what in both:
            if getattr(before, what) != (given := getattr(now, what)):
                event: Event = "consent_given" if given else "consent_withdrawn"
                self._services.audit.put(event, who="caller", session_id=self.id, what=what)

    def _pong(self, ping: messages.Ping) -> messages.Pong:
        return messages.Pong(
            session_id=self.id,
            client_ts=ping.client_ts,
            server_ts=time.time(),
            queue_info=self.media.queue_info(),
            load=messages.Load(
                loop_lag_ms=round(self._services.lag.worst_ms, 1),
                analysis_lag_s=self.windows.lag(self.media.now()),
            ),
        )

    def _engines(self) -> list[messages.Engine]:
        return [messages.Engine(**asdict(engine)) for engine in self._services.analysis.engines]

    def _chat(self) -> messages.ChatState:
        return messages.ChatState(**asdict(self._services.chat.status))

    def _history(self) -> messages.HistoryState:
        status = self._services.history.status
        return messages.HistoryState(available=status.available, code=status.code, reason=status.reason)

    def _states(self) -> tuple[object, ...]:
        """What a page is told of when it changes."""
        return self._services.analysis.engines, self._chat(), self._history()

    # --- what the page does not say --------------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_INTERVAL)
            now = time.monotonic()
            if self.state in ("failed", "closed"):
                self.leave(f"the connection {self.state}")
            elif self._channel_opened is None:
                if now - self._created > CONNECT_TIMEOUT:
                    self.leave("no data channel was opened")
            elif not self._greeted and now - self._channel_opened > HELLO_TIMEOUT:
                late = messages.Error(code="hello_timeout", message="No hello came within 5 seconds.")
                self.leave("no hello", late)
            elif (
                now - max(self._heard, self.media.heard) > HEARTBEAT_TIMEOUT
                or now - self._heard > MEDIA_ALONE_TIMEOUT
            ):
                unheard = messages.SessionEnded(code="unheard", message="Nothing was heard from the page.")
                self.leave("nothing heard from the page", unheard)
            if self._greeted and self._shown != (states := self._states()):
                self._shown = states
                self.outbox.send(self.status())
