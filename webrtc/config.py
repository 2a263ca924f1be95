"""The configuration of sessions: what a server's settings come to for each of its callers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from webrtc import messages
from webrtc.network import Network
from webrtc.tap import LeanPath, ReceivePath


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """Seconds: how much the ring holds, how long a clip is, how far clips are apart, and for how long a session waits
    for its page to come back."""

    ring_duration: float
    buffer_duration: float
    save_interval: float
    grace: float = 0.0
    publishing: messages.Consent = field(default_factory=messages.Consent)
    """What is done with a stream that is published by WHIP."""
    receive: Callable[[], ReceivePath] = LeanPath
    """Makes the way in which a caller's media is received."""
    network: Network = field(default_factory=Network)

    def limits(self) -> messages.Limits:
        """What a page is told of it."""
        return messages.Limits(
            max_duration=self.ring_duration,
            buffer_duration=self.buffer_duration,
            save_interval=self.save_interval,
        )
