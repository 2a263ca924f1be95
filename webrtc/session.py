"""A session: one caller from the first offer to the leaving, and all that runs for them in between."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

from aiortc import RTCDataChannel

from models.base import Language
from webrtc import messages, whip
from webrtc.activity import Activity, Refused, changes
from webrtc.chronicle import Chronicle
from webrtc.config import SessionConfig
from webrtc.connection import REVIVAL, Connection, Lost
from webrtc.inbox import Inbox
from webrtc.link import Link
from webrtc.media import Media
from webrtc.outbox import Outbox
from webrtc.publisher import Publisher
from webrtc.recorder import Recorder
from webrtc.services import Services
from webrtc.status import Status
from webrtc.talk import Talk
from webrtc.windows import Windows
from webrtc.withdrawal import Withdrawal

log = logging.getLogger(__name__)

FAREWELL = 0.2
"""Seconds from the last message to the end of the connection, for the message to arrive."""

_WATCH_INTERVAL = 0.5
"""Seconds between two looks at what nobody tells of. All sessions look at the same moments, for each of which the loop
wakes once."""


class Session:
    """Owns what lasts for a caller, and the connection that they have at the moment, which may be lost and made anew.
    `run` returns when the caller has left, or has not come back, and all is freed."""

    def __init__(self, session_id: str, config: SessionConfig, services: Services) -> None:
        self.id = session_id
        self.activity = self._followed = Activity()
        self.media = Media(config.ring_duration)
        self.link = Link(self.id, self.media)
        self.inbox = Inbox()
        self.outbox = Outbox()
        self.windows = Windows(
            self.id, self.media, self.outbox, services, config.buffer_duration, config.save_interval
        )
        self.recorder = Recorder(self.id, self.media, self.outbox, services)
        self._chronicle = Chronicle(self.id, services.history)
        self._withdrawal = Withdrawal(self.id, self.outbox, services)
        self.talk = Talk(self.id, self.outbox, services.chat, self.mood)
        self.quality: float | None = None
        self._config = config
        self._services = services
        self.token = ""
        self.fresh_token()
        self._leaving = asyncio.Event()
        self._reason = "left"
        self._lost = "the page went away"
        self._farewell: messages.SessionEnded | messages.Error | None = None
        self._created = time.monotonic()
        self._publisher: Publisher | None = None
        self._greeted = False
        self._status = Status(self.id, self.media, self.windows, self.recorder, services)
        self._shown = self._status.shared()

    async def accept(self, sdp: str, *, here: bool = False) -> str:
        """Answer an offer, the first one or that of a page that comes back, whose new connection takes the place of
        the old one; `here` is whether the page is on this machine. Raises `OfferRejected` or `PortsExhausted`; a
        session that has no other connection must then be closed with `close`."""
        config = self._config
        connection = Connection(
            config.receive(),
            self.media,
            self._on_channel,
            self._on_message,
            config.network,
            here=here,
            patience=min(config.grace, REVIVAL),
        )
        return await self.link.take(connection, sdp)

    async def publish(
        self, offer: whip.Offer, near: Sequence[str] = (), language: Language = "en", *, here: bool = False
    ) -> str:
        """Answer the offer of a publisher, whom the session is then for: it has no page, and is over when its
        connection is. What is done with the stream is the operator's decision. Raises as `accept` does."""
        publisher = Publisher(
            self._config.receive(), self.media, offer, near, self._config.network, here=here
        )
        self.outbox.has_page = False
        self.windows.language = self.talk.language = language
        answer = await self.link.take(publisher, offer.sdp)
        self._publisher = publisher
        return answer

    async def trickle(self, fragment: whip.Fragment) -> None:
        """Take the candidates that the publisher has found since."""
        if self._publisher is not None and not self.is_leaving:
            await self._publisher.trickle(fragment)

    @property
    def publication(self) -> whip.Publication | None:
        """What a published stream is known by; None for the call of a page."""
        return None if self._publisher is None else self._publisher.publication

    def fresh_token(self) -> str:
        """A token that is good for a day from now."""
        self.token = self._services.tokens.of(self.id, time.time())
        return self.token

    def away(self, reason: str) -> None:
        """The page is not there for the moment."""
        if self.link.connection is not None:
            self.link.connection.end(reason)

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
                group.create_task(self.link.run())
                tasks = [
                    group.create_task(self._listen()),
                    group.create_task(self.windows.run()),
                    group.create_task(self.recorder.run()),
                    group.create_task(self.talk.run()),
                    group.create_task(self._withdrawal.run()),
                    group.create_task(self._watch()),
                ]
                await self._leaving.wait()
                self.link.end()
                for task in tasks:
                    task.cancel()
            await self._say_farewell()
        finally:
            self._hear_out()
            self.outbox.feed.end(self._last_word())
            self._chronicle.end(self._reason)
            if isinstance(self._farewell, messages.SessionEnded) and self._farewell.code == "deleted":
                self.windows.revoke()
                self.recorder.revoke()
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

    def _last_word(self) -> messages.SessionEnded:
        if isinstance(self._farewell, messages.SessionEnded):
            return self._farewell
        return messages.SessionEnded(code="left", message=f"The session is over: {self._reason}.")

    async def close(self) -> None:
        """Free the connection and what was kept. May be called more than once."""
        self._services.analysis.forget(self.id)
        self._services.chat.leave(self.id)
        await self.link.close()

    @property
    def is_leaving(self) -> bool:
        """Whether it is over and nobody can come back."""
        return self._leaving.is_set()

    @property
    def age(self) -> float:
        """Seconds since the offer."""
        return time.monotonic() - self._created

    def status(self) -> messages.SessionStatus:
        """What the session does now."""
        return self._status.of(self.activity)

    def mood(self, language: Language) -> str | None:
        """What a model may be told of the expressions of the last minute; None without consent, or with none seen."""
        if not self.activity.consent.analysis:
            return None
        return self.windows.mood.told(self.media.now(), language)

    # --- a connection's callbacks ----------------------------------------------------------------------------

    def _on_channel(self, channel: RTCDataChannel) -> None:
        self.outbox.open(channel)
        channel.on("bufferedamountlow", self.outbox.flush)

    def _on_message(self, connection: Connection, text: str | bytes) -> None:
        if connection is self.link.connection:  # and not one that another has taken the place of
            self.inbox.put(text)

    # --- what the page says ----------------------------------------------------------------------------------

    async def _listen(self) -> None:
        while True:
            try:
                self._obey(await self.inbox.get())
            except messages.MalformedMessage as error:
                self.outbox.send(messages.Error(code="bad_message", message=str(error)))
            except Refused as refusal:
                self.outbox.send(messages.Error(code=refusal.code, message=str(refusal)))

    def _hear_out(self) -> None:
        """What the page said of its consent before it left counts, though nobody listened any more."""
        for message in self.inbox.rest():
            if isinstance(message, messages.SetConsent):
                self._obey(message)

    def _obey(self, message: messages.PageMessage) -> None:
        match message:
            case messages.Ping():
                self.quality = message.quality
                self.outbox.send(self._status.pong(message))
                return
            case messages.Chat() | messages.ChatStop() | messages.ChatClear():
                if not self._greeted:
                    raise Refused("hello_missing", "Say hello before anything else.")
                self.talk.hear(message)
                return
            case messages.Hello():
                self._greet(message)
            case messages.GetSessionStatus():
                pass
            case _:
                self.activity = self.activity.after(message)
                if isinstance(message, messages.SetConsent) and not message.analysis:
                    self.talk.withhold_mood()
        self._follow()

    def _follow(self) -> None:
        """Have everybody do what holds now, and the audit log be told of what is allowed now and was not, or the other
        way round."""
        for event, what in changes(self._followed.consent, self.activity.consent):
            self._services.audit.put(event, who=self.activity.given_by, session_id=self.id, what=what)
        self._followed = self.activity
        self._chronicle.follow(self.activity)
        self.windows.follow(self.activity)
        self.recorder.follow(self.activity)
        self._withdrawal.follow(self.activity)
        self.outbox.send(self.status())

    def _greet(self, hello: messages.Hello) -> None:
        if hello.version > messages.PROTOCOL_VERSION:
            raise Refused("version_unsupported", "This page is newer than the server: reload it.")
        self._greeted = True
        if self.link.connection is not None:
            self.link.connection.greeted = True
        language: Language = "zh" if hello.language.lower().startswith("zh") else "en"
        self.windows.language = self.talk.language = language
        self._chronicle.begin(language)
        self.activity = self.activity.with_consent(hello.consent, hello.consent_version, hello.told)
        self.outbox.send(self._status.welcome(self._config.limits()))

    def _begin_published(self) -> None:
        """A publisher has connected: do with the stream what the operator has decided, who has named the hosts of the
        engines too."""
        self._greeted = True
        self._chronicle.begin(self.windows.language)
        consent = self._config.publishing
        told = [engine.sends_to for engine in self._services.analysis.engines if engine.sends_to is not None]
        self.activity = self.activity.with_consent(consent, told=told, given_by="operator")
        if consent.recording:
            self.activity = self.activity.start_recording()
        self._follow()

    # --- what the page does not say --------------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            moment = (round(time.monotonic() / _WATCH_INTERVAL) + 1) * _WATCH_INTERVAL
            await asyncio.sleep(moment - time.monotonic())
            now, connection = time.monotonic(), self.link.connection
            if connection is None:
                if now - self.link.alone_since > self._config.grace:
                    self.leave(self._lost)
            elif (lost := connection.lost(now)) is not None:
                self._lose(lost)
            elif self._publisher is not None and not self._greeted and self._publisher.connected(now):
                self._begin_published()
            if self._greeted and self._shown != (shared := self._status.shared()):
                self._shown = shared
                self.outbox.send(self.status())

    def _lose(self, lost: Lost) -> None:
        """Nobody is at the other end any more. A page that had said hello may come back."""
        if self._publisher is not None or not (self._greeted and self._config.grace):
            self.leave(lost.reason, lost.farewell)
            return
        log.info("session %s waits for its page: %s", self.id, lost.reason)
        if lost.farewell is not None and self.outbox.is_open:
            self.outbox.send(lost.farewell)
        self._lost = lost.reason
        self.link.lose()
