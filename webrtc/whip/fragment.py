"""The SDP fragment of a PATCH: candidates that a publisher found since its offer, or the wish for an ICE restart."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiortc import RTCIceCandidate
from aiortc.sdp import candidate_from_sdp

from webrtc.signaling import MAX_CANDIDATES

_LINE = re.compile(r"[a-z]=.*")


class BadFragment(ValueError):
    """What is no fragment as RFC 8840 section 9 has it. The message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """`ufrag` is the fragment's ICE user name, None where it has none; each candidate's `sdpMid` is that of the media
    section that it stands in, None before the first."""

    ufrag: str | None
    candidates: tuple[RTCIceCandidate, ...]


def read_fragment(text: str) -> Fragment:
    """Raises `BadFragment`. The end of candidates is passed over: more may still be found from outside (peer-reflexive
    ones, RFC 8445 section 7.3.1.3), and who cannot connect is let go in time."""
    ufrags: set[str] = set()
    candidates: list[RTCIceCandidate] = []
    mid, said = None, False
    for line in text.splitlines():
        if not _LINE.fullmatch(line):
            raise BadFragment("a line of it is none of SDP")
        name, _, value = line.partition(":")
        if line.startswith("m="):
            mid = None
        elif name == "a=mid":
            mid = value.strip()
        elif name == "a=ice-ufrag":
            ufrags.add(value.strip())
        elif name == "a=candidate" and value.strip():
            candidates.append(_candidate(value, mid))
        said = said or name in ("a=ice-ufrag", "a=candidate", "a=end-of-candidates")
    if not said:
        raise BadFragment("it says nothing of ICE")
    if len(ufrags) > 1 or "" in ufrags:
        raise BadFragment("its ICE user names are not one")
    if len(candidates) > MAX_CANDIDATES:
        raise BadFragment(f"it has more than {MAX_CANDIDATES} candidates")
    return Fragment(ufrag=next(iter(ufrags), None), candidates=tuple(candidates))


def _candidate(value: str, mid: str | None) -> RTCIceCandidate:
    try:
        candidate = candidate_from_sdp(value)
    except (ValueError, AssertionError):
        raise BadFragment("a candidate cannot be read") from None
    candidate.sdpMid = mid
    return candidate
