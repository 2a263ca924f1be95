"""A publisher: the connection of somebody who sends media by WHIP, and has no data channel to say anything by."""

from __future__ import annotations

import time
from collections.abc import Sequence

from webrtc import messages, signaling, whip
from webrtc.connection import Connection, Lost
from webrtc.media import Media
from webrtc.network import Network
from webrtc.tap import ReceivePath

CONNECT_TIMEOUT = 10.0
"""Seconds from the answer to the connection: candidates may still be found, and tried, after the answer."""

SILENT = 4.5
"""Seconds without a packet after which a publisher is taken for gone. aioice knows only after 30 (RFC 7675)."""


class Publisher(Connection):
    """Answers a publisher's offer. `near` are addresses that it likely reaches us by."""

    def __init__(
        self,
        path: ReceivePath,
        media: Media,
        offer: whip.Offer,
        near: Sequence[str] = (),
        network: Network | None = None,
        *,
        here: bool = False,
    ) -> None:
        super().__init__(path, media, lambda channel: None, lambda connection, text: None, network, here=here)
        self.publication = whip.Publication(ufrag=offer.ufrag)
        self._offer = offer
        self._near = near
        self._connected: float | None = None
        self._packets = 0

    async def answer(self, sdp: str) -> str:
        """Answer the offer. Raises `OfferRejected` or `PortsExhausted`; the connection must then be closed."""
        signaling.prefer(self._peer, self._offer.codecs)
        made = await signaling.answer(self._peer, sdp, self._path, self._gate, passive=self._offer.passive)
        self._created = time.monotonic()  # ICE servers may have taken a while
        return whip.finished(self._offer, made.sdp, self._near)

    async def trickle(self, fragment: whip.Fragment) -> None:
        """Take the candidates of a fragment."""
        await signaling.add_candidates(self._peer, fragment.candidates)

    def connected(self, now: float) -> bool:
        """Whether media can come. `now` is monotonic seconds."""
        if self._connected is None and self._peer.connectionState == "connected":
            self._connected = self._heard = now
        return self._connected is not None

    @property
    def _is_open(self) -> bool:
        return self._connected is not None

    def _missed(self, now: float) -> Lost | None:
        if not self.connected(now):
            return Lost("the publisher did not connect") if now - self._created > CONNECT_TIMEOUT else None
        # Packets, not frames: of a picture that is waited for until its next keyframe there are none.
        packets = sum(track.reception().packets for track in self.tracks.values())
        if packets != self._packets:
            self._packets, self._heard = packets, now
        if now - self.heard > SILENT:
            unheard = messages.SessionEnded(code="unheard", message="Nothing was heard from the publisher.")
            return Lost("nothing heard from the publisher", unheard)
        return None

    def _on_channel(self, channel: object) -> None:
        """None is asked for; one that is opened all the same is not listened to."""
