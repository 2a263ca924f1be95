"""A connection: one peer connection of a session's page, its tracks and its channel, from the offer to the end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from aiortc import MediaStreamTrack, RTCDataChannel, RTCPeerConnection

from pipeline.frames import Kind
from webrtc import messages, signaling
from webrtc.media import Media
from webrtc.network import Network
from webrtc.tap import EncodedTrack, Gate, ReceivePath

log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 5.0
"""Seconds from the answer to a way between us: a page that was closed before it read the answer is gone."""

OPEN_TIMEOUT = 10.0
"""Seconds from the answer to an open data channel, where there is a way: a page on a busy machine takes its time."""

HELLO_TIMEOUT = 5.0
"""Seconds from an open data channel to `hello`."""

QUIET = 1.5
"""Seconds with neither a message from the page, which pings five times a second, nor media, after which it is said to
be disconnected. It may go on yet."""

HEARTBEAT_TIMEOUT = 3.5
"""Seconds of the same after which the page is taken for gone."""

REVIVAL = 20.0
"""Seconds of the same for which the connection of a page that may come back is kept, at most: where the network is back
by then it goes on as it was, sooner than another could be made. Without answers aioice gives up after half a minute."""

MEDIA_ALONE_TIMEOUT = 10.0
"""Seconds with media but without a message. After a break of the link media is there at once, and messages when SCTP
next tries, which it does ever more rarely (RFC 9260 section 6.3.3)."""

_CLOSE_TIMEOUT = 3.0


@dataclass(frozen=True, slots=True)
class Lost:
    """Why a connection is over, for people, and what its page is to be told where it does not know."""

    reason: str
    farewell: messages.SessionEnded | messages.Error | None = None


class Connection:
    """Answers one offer. `opened` is told of the channel, `hear` of each message; `greeted` is for its owner to set.
    `here` is whether the page is on this machine, `patience` how many seconds of silence are
    borne at most, where that is more than `HEARTBEAT_TIMEOUT`."""

    def __init__(
        self,
        path: ReceivePath,
        media: Media,
        opened: Callable[[RTCDataChannel], None],
        hear: Callable[[Connection, str | bytes], None],
        network: Network | None = None,
        *,
        here: bool = False,
        patience: float = 0.0,
    ) -> None:
        self.tracks: dict[Kind, EncodedTrack] = {}
        self.greeted = False
        self._path = path
        self._media = media
        self._opened = opened
        self._hear = hear
        self._created = self._heard = time.monotonic()
        self._channel_opened: float | None = None
        self._over: str | None = None
        self._media_heard = self._media_since = -inf
        self._patience = patience
        network = network or Network()
        self._gate = Gate(network, here=here)
        self._peer: RTCPeerConnection = signaling.new_peer(network.servers.fresh(time.time()))
        self._peer.on("track", self._on_track)
        self._peer.on("datachannel", self._on_channel)

    async def answer(self, sdp: str) -> str:
        """Answer the offer. Raises `OfferRejected` or `PortsExhausted`; the connection must then be closed."""
        answer = await signaling.answer(self._peer, sdp, self._path, self._gate)
        self._created = time.monotonic()  # ICE servers may have taken a while
        return answer.sdp

    async def run(self) -> None:
        """Feed the session's media until every track has ended."""
        await self._media.feed(self.tracks)

    def end(self, reason: str) -> None:
        """It is over, whatever the other side still sends."""
        self._over = self._over or reason

    async def close(self, session_id: str) -> None:
        """Free it. May be called more than once."""
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                # Shielded: aiortc closes by itself when the other side does, and both wait for one future.
                await asyncio.shield(signaling.hang_up(self._peer))
        except TimeoutError:
            log.warning("session %s: the connection did not close within %s s", session_id, _CLOSE_TIMEOUT)

    @property
    def candidates_dropped(self) -> int:
        """How many addresses the page, or somebody else, had nothing sent to."""
        return self._gate.dropped.total()

    @property
    def heard(self) -> float:
        """When something came from the page last, in monotonic seconds."""
        return max(self._heard, self._media.heard)

    @property
    def state(self) -> str:
        """As aiortc has it: new, connecting, connected, failed or closed; disconnected where nothing comes any more."""
        state = str(self._peer.connectionState)
        quiet = self._is_open and time.monotonic() - self.heard > QUIET
        return "disconnected" if state == "connected" and quiet else state

    @property
    def silent(self) -> bool:
        """Whether the page is taken for gone, though the connection may go on yet."""
        return self._is_open and time.monotonic() - self.heard > HEARTBEAT_TIMEOUT

    @property
    def _is_open(self) -> bool:
        """Whether something is to be heard by now."""
        return self._channel_opened is not None

    def lost(self, now: float) -> Lost | None:
        """Why it is over; None while it is not. `now` is monotonic seconds."""
        state = str(self._peer.connectionState)
        if self._over is not None:
            return Lost(self._over)
        if state in ("failed", "closed"):
            return Lost(f"the connection {state}")
        return self._missed(now)

    def _missed(self, now: float) -> Lost | None:
        """What has not come in time."""
        if self._channel_opened is None:
            reached = self._peer.iceConnectionState in ("connected", "completed")
            patience = OPEN_TIMEOUT if reached else CONNECT_TIMEOUT
            return Lost("no data channel was opened") if now - self._created > patience else None
        if not self.greeted and now - self._channel_opened > HELLO_TIMEOUT:
            late = messages.Error(code="hello_timeout", message="No hello came within 5 seconds.")
            return Lost("no hello", late)
        if now - self.heard > max(HEARTBEAT_TIMEOUT, self._patience) or self._says_nothing(now):
            unheard = messages.SessionEnded(code="unheard", message="Nothing was heard from the page.")
            return Lost("nothing heard from the page", unheard)
        return None

    def _says_nothing(self, now: float) -> bool:
        """Whether media has come for long, since it began or was interrupted, and no message."""
        media = self._media.heard
        if media - self._media_heard > QUIET:
            self._media_since = media
        self._media_heard = media
        return not self.silent and now - max(self._heard, self._media_since) > MEDIA_ALONE_TIMEOUT

    # --- aiortc's callbacks ----------------------------------------------------------------------------------

    def _on_track(self, track: MediaStreamTrack) -> None:
        for transceiver in self._peer.getTransceivers():
            if transceiver.receiver.track is track:
                tapped = self._path.tap(transceiver, self._media.clock)
                self.tracks[tapped.kind] = tapped

    def _on_channel(self, channel: RTCDataChannel) -> None:
        if channel.label == "events" and self._channel_opened is None:
            self._channel_opened = self._heard = time.monotonic()
            self._opened(channel)
            channel.on("message", self._on_message)
            channel.on("close", lambda: self.end("the data channel closed"))

    def _on_message(self, text: str | bytes) -> None:
        self._heard = time.monotonic()
        self._hear(self, text)
