"""Reception: how a track arrives, as its receiver counts it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """RTP packets that came and that were lost (RFC 3550 appendix A.3), and their jitter in seconds (A.8).
    Retransmissions are not counted there.

    Then packets that came as retransmissions, packets asked for again and keyframes asked for, frames let go because
    one before them was lost, how often pictures stayed away and for how many seconds, the round trip in seconds, and
    the level of the sound in -dBov, 0 the loudest (RFC 6464). aiortc's own way tells of the first three only.
    """

    packets: int = 0
    lost: int = 0
    jitter: float = 0.0
    retransmitted: int = 0
    nacks: int = 0
    plis: int = 0
    undecodable: int = 0
    freezes: int = 0
    frozen: float = 0.0
    round_trip: float | None = None
    audio_level: int | None = None


@dataclass(slots=True, kw_only=True)
class Received:
    """Encoded frames of one kind that came out of the receiver, and their bytes."""

    frames: int = 0
    bytes: int = 0
