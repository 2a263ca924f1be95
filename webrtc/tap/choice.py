"""Which way media is received, and for what reason not the better one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from aiortc import RTCPeerConnection, RTCRtpTransceiver

from pipeline.clock import SessionClock
from webrtc.tap.insides import IncompatibleAiortc, check_gate, check_guard, check_lean, check_ordinary
from webrtc.tap.lean import LeanPath
from webrtc.tap.ordinary import OrdinaryPath
from webrtc.tap.track import EncodedTrack

Way = Literal["lean", "aiortc"]


class ReceivePath(Protocol):
    """How the media of one peer is received."""

    def tap(self, transceiver: RTCRtpTransceiver, clock: SessionClock) -> EncodedTrack:
        """Take a receiver's encoded frames. To be called in `pc.on("track")`, before the receiver starts."""

    def negotiate(self, peer: RTCPeerConnection) -> None:
        """Agree on what this way can make use of. To be called between the offer and the answer."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The way that is taken; `reason` says why it is not the one that was asked for."""

    way: Way
    reason: str | None = None


def choose(asked: Way) -> Chosen:
    """The way asked for, or aiortc's own where its insides are not as the lean way needs them.

    Raises `IncompatibleAiortc` where not even that can be taken.
    """
    check_ordinary()
    check_guard()
    check_gate()
    if asked == "lean":
        try:
            check_lean()
        except IncompatibleAiortc as error:
            return Chosen("aiortc", str(error))
    return Chosen(asked)


def path(way: Way) -> Callable[[], ReceivePath]:
    """Makes the receive path of a peer."""
    return LeanPath if way == "lean" else OrdinaryPath
