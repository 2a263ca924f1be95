"""Signalling: from a peer's offer to our answer, and what is refused on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from aiortc import (
    RTCConfiguration,
    RTCIceCandidate,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError
from aiortc.sdp import SessionDescription

from pipeline.frames import Kind
from webrtc.network import IceServer
from webrtc.tap import Gate, ReceivePath, guard

MAX_CANDIDATES = 64
"""An offer of 64 KiB of candidates would hold the event loop for tens of milliseconds."""


class OfferRejected(Exception):
    """An offer that cannot be answered. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def new_peer(servers: Iterable[IceServer] = ()) -> RTCPeerConnection:
    """A peer connection that gathers host candidates, and such as those ICE servers help to: the first STUN and the
    first TURN server, as aiortc has it, and where there are none nobody waits."""
    known = [
        RTCIceServer(urls=list(urls), username=each.username, credential=each.credential)
        for each in servers
        if (
            urls := [url for url in each.urls if "[" not in url]
        )  # aiortc cannot read an IPv6 address in a URL
    ]
    return RTCPeerConnection(RTCConfiguration(iceServers=known))


def check_offer(sdp: str) -> SessionDescription:
    """Read an offer. Raises `OfferRejected` for an SDP that is none, or offers no audio or video."""
    try:
        if not sdp.startswith("v=0"):
            raise ValueError("no version line")
        if sdp.count("a=candidate") > MAX_CANDIDATES:
            raise OfferRejected("bad_sdp", f"The offer has more than {MAX_CANDIDATES} candidates.")
        description = SessionDescription.parse(sdp)
    except (ValueError, AssertionError, IndexError, KeyError, AttributeError, TypeError, StopIteration):
        raise OfferRejected("bad_sdp", "The offer is not a session description (RFC 8866).") from None
    kinds = [media.kind for media in description.media]
    if not {"audio", "video"} & set(kinds):
        raise OfferRejected("no_media", "The offer has neither audio nor video.")
    if any(kinds.count(kind) > 1 for kind in kinds):
        raise OfferRejected("bad_sdp", "The offer has more than one section of a kind.")
    return description


def prefer(peer: RTCPeerConnection, codecs: Mapping[Kind, Sequence[str]]) -> None:
    """Have a peer receive these tracks, each by one of these codecs, MIME types in lower case, the best first. To be
    called before it is given the offer."""
    for kind, mimes in codecs.items():
        capabilities = RTCRtpReceiver.getCapabilities(kind)
        known = capabilities.codecs if capabilities is not None else []
        wanted = [
            codec for mime in (*mimes, f"{kind}/rtx") for codec in known if codec.mimeType.lower() == mime
        ]
        peer.addTransceiver(kind, direction="recvonly").setCodecPreferences(wanted)


async def add_candidates(peer: RTCPeerConnection, candidates: Sequence[RTCIceCandidate]) -> None:
    """Take candidates that a peer has found since its offer. What cannot be used is passed over, and so is what is
    more than an offer may have; a name is looked for a second at most."""
    own = {each.mid: each.receiver.transport.transport for each in peer.getTransceivers()}
    first = next(iter(own.values()))
    to = [(own.get(candidate.sdpMid or "", first), candidate) for candidate in candidates]
    room = MAX_CANDIDATES - sum(len(each.getRemoteCandidates()) for each in set(own.values()))
    await asyncio.gather(
        *(transport.addRemoteCandidate(candidate) for transport, candidate in to[: max(0, room)])
    )


async def hang_up(peer: RTCPeerConnection) -> None:
    """Close a peer. One whose offer aiortc took only by half has opened nothing yet, and aiortc cannot close it."""
    if all(transceiver.receiver.transport is not None for transceiver in peer.getTransceivers()):
        await peer.close()


async def answer(
    peer: RTCPeerConnection, sdp: str, path: ReceivePath, gate: Gate | None = None, *, passive: bool = False
) -> RTCSessionDescription:
    """Take an offer and answer it. Raises `OfferRejected`, and `PortsExhausted` where a gate stands before a range of
    ports. With `passive` the other end begins the DTLS handshake, where the offer leaves that to us."""
    try:
        await peer.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="offer"))
        guard(peer)
        if gate is not None:
            gate.guard(peer)
        path.negotiate(peer)
        made = await peer.createAnswer()
        if passive:
            made.sdp = made.sdp.replace("a=setup:active", "a=setup:passive")
        await peer.setLocalDescription(made)
    except (
        InvalidAccessError,
        InvalidStateError,
        OperationError,
        ValueError,
        AssertionError,
        AttributeError,
        TypeError,
        KeyError,
        IndexError,
        RuntimeError,  # a StopIteration inside a coroutine
    ) as error:
        raise OfferRejected(
            "bad_sdp", f"The offer cannot be answered: {error or 'it is incomplete'}."
        ) from error
    return peer.localDescription
