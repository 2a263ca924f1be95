"""A publisher's offer: what of it can be received, how aiortc is told, and what becomes of its answer.

Frames stay encoded here, so that any H.264 will do; aiortc, which would decode it, takes only constrained baseline and
baseline in packetization mode 1. Where a publisher offers neither, aiortc is shown what it takes, and the answer says
what was offered.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiortc import RTCIceCandidate
from aiortc.rtcrtpparameters import ParametersDict
from aiortc.sdp import (
    H264Profile,
    MediaDescription,
    SessionDescription,
    parameters_from_sdp,
    parse_h264_profile_level_id,
)

from pipeline.frames import Kind
from webrtc.signaling import OfferRejected, check_offer
from webrtc.tap import CODECS

SENDING = ("sendonly", "sendrecv")

SHOWN = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
"""An H.264 that aiortc takes."""

_TAKEN = (H264Profile.PROFILE_CONSTRAINED_BASELINE, H264Profile.PROFILE_BASELINE)

_KNOWN = "VP8, H.264 or Opus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """`sdp` is as aiortc is to be given it; `codecs` are those of each track that can be kept, as MIME types in the
    order in which they were offered. `passive` is whether our end waits for the DTLS handshake (RFC 9725 section
    4.4.4). `formats` has the format parameters that were offered, by payload type, where aiortc is shown others."""

    sdp: str
    ufrag: str
    codecs: Mapping[Kind, Sequence[str]]
    passive: bool
    formats: Mapping[int | None, str]


def read_offer(sdp: str) -> Offer:
    """Raises `OfferRejected`: `bad_sdp` for what is none, or `no_media`, `not_sending` or `no_codec`. A stream of which
    a part cannot be received is refused as a whole (RFC 9725 section 4.4.3)."""
    description = check_offer(sdp)
    codecs: dict[Kind, Sequence[str]] = {}
    formats: dict[int | None, str] = {}
    for media in description.media:
        if media.kind not in ("audio", "video"):
            continue
        if media.direction not in SENDING:
            raise OfferRejected("not_sending", f"The offer does not send its {media.kind}: say sendonly.")
        kept = [codec.mimeType.lower() for codec in media.rtp.codecs if codec.mimeType.lower() in CODECS]
        if not kept:
            raise OfferRejected("no_codec", f"None of the {media.kind} codecs can be kept: offer {_KNOWN}.")
        codecs["video" if media.kind == "video" else "audio"] = list(dict.fromkeys(kept))
        formats |= _to_disguise(media)
    first = description.media[0]
    if first.ice is None or first.dtls is None or not first.ice.usernameFragment:
        raise OfferRejected("bad_sdp", "The offer has no ICE user name.")
    return Offer(
        sdp=_disguised(sdp, formats),
        ufrag=first.ice.usernameFragment,
        codecs=codecs,
        passive=first.dtls.role != "server",
        formats=formats,
    )


def finished(offer: Offer, sdp: str, near: Sequence[str] = ()) -> str:
    """The answer as the publisher is to have it. `near` are addresses that it likely reaches us by, the best first.

    There are publishers that look at the first candidate alone, and at IPv4 alone, or at the address of the section.
    """
    description = SessionDescription.parse(sdp)
    for media in description.media:
        media.ice_candidates.sort(key=lambda candidate: _rank(candidate, near))
        if media.ice_candidates:
            media.host, media.port = media.ice_candidates[0].ip, media.ice_candidates[0].port
        media.ice_options = "trickle"
        for codec in media.rtp.codecs:
            if (offered := offer.formats.get(codec.payloadType)) is not None:
                codec.parameters = parameters_from_sdp(offered) if offered else {}
    # RFC 9725 section 4.4.1, RFC 8858 section 3
    return str(description).replace("a=rtcp-mux\r\n", "a=rtcp-mux\r\na=rtcp-mux-only\r\n")


def _rank(candidate: RTCIceCandidate, near: Sequence[str]) -> tuple[bool, bool, bool, int]:
    ipv4 = ipaddress.ip_address(candidate.ip).version == 4
    nearness = near.index(candidate.ip) if candidate.ip in near else len(near)
    return candidate.protocol.lower() != "udp", candidate.type != "host", not ipv4, nearness


def _to_disguise(media: MediaDescription) -> dict[int | None, str]:
    """The parameters of each H.264 in a section where aiortc would take none of them."""
    h264 = [codec for codec in media.rtp.codecs if codec.mimeType.lower() == "video/h264"]
    if any(_is_taken(codec.parameters) for codec in h264):
        return {}
    return {
        codec.payloadType: ";".join(
            name if value is None else f"{name}={value}" for name, value in codec.parameters.items()
        )
        for codec in h264
    }


def _is_taken(parameters: ParametersDict) -> bool:
    try:
        profile, _ = parse_h264_profile_level_id(str(parameters.get("profile-level-id", "42e01f")))
    except ValueError:
        return False
    return profile in _TAKEN and str(parameters.get("packetization-mode")) == "1"


def _disguised(sdp: str, formats: Mapping[int | None, str]) -> str:
    """The offer with other format parameters, and without an end of candidates, of which aioice would make a failure
    where the publisher has none and is still to be heard from."""
    lines: list[str] = []
    kind = ""
    for line in sdp.splitlines():
        name, _, rest = line.partition(":")
        payload = rest.split(" ", 1)[0]
        ours = kind == "video" and payload.isdecimal() and int(payload) in formats
        if line.startswith("m="):
            kind = line[2:].split(" ", 1)[0]
        if name == "a=end-of-candidates" or (ours and name == "a=fmtp"):
            continue
        lines.append(line)
        if ours and name == "a=rtpmap":
            lines.append(f"a=fmtp:{payload} {SHOWN}")
    return "\r\n".join(lines) + "\r\n"
