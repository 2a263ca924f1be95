"""Reception: how a track arrives, as its receiver counts it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """RTP packets that came and that were lost (RFC 3550 appendix A.3), and their jitter in seconds (A.8).
    Retransmissions are not counted."""

    packets: int = 0
    lost: int = 0
    jitter: float = 0.0


@dataclass(slots=True, kw_only=True)
class Received:
    """Encoded frames of one kind that came out of the receiver, and their bytes."""

    frames: int = 0
    bytes: int = 0
