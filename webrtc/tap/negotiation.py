"""Negotiation: what the lean way offers beside what aiortc does.

Transport-wide feedback, which makes the browser's own bandwidth estimator work; a sender that has it does without
REMB. The orientation of a phone's camera is not taken up on purpose: a browser then turns the picture itself, so that a
clip stands upright in any player.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiortc import RTCPeerConnection
from aiortc.rtcrtpparameters import RTCRtcpFeedback

TRANSPORT_SEQUENCE = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
ABSOLUTE_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
_TRANSPORT_CC = RTCRtcpFeedback(type="transport-cc")


def take_up_transport_feedback(peer: RTCPeerConnection) -> None:
    """Answer with transport-wide feedback where it was offered. To be called between the offer and the answer."""
    description = peer._RTCPeerConnection__remoteDescription()  # type: ignore[attr-defined]
    offered = {media.rtp.muxId: media.rtp for media in description.media}
    for transceiver in peer.getTransceivers():
        remote = offered.get(transceiver.mid)
        if remote is None:
            continue
        extensions = [each for each in remote.headerExtensions if each.uri == TRANSPORT_SEQUENCE]
        willing = {codec.payloadType for codec in remote.codecs if _TRANSPORT_CC in codec.rtcpFeedback}
        codecs = [codec for codec in transceiver._codecs if codec.payloadType in willing]
        if not extensions or not codecs:
            continue
        transceiver._headerExtensions += extensions[:1]
        for codec in codecs:
            codec.rtcpFeedback.append(_TRANSPORT_CC)


def extension_ids(peer: RTCPeerConnection) -> Mapping[str, int]:
    """The identifiers of the header extensions agreed on. One for all media, which are bundled (RFC 8843 section 9)."""
    transceivers: list[Any] = peer.getTransceivers()
    return {each.uri: each.id for transceiver in transceivers for each in transceiver._headerExtensions}
