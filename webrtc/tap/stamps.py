"""Stamps: when the kernel took a datagram, to which the event loop may come later.

A browser's bandwidth estimator tells a full link by packets that arrive ever later; what the loop was busy with must
not look like that.
"""

from __future__ import annotations

import asyncio
import time
from struct import Struct

try:
    from fcntl import ioctl
except ImportError:  # not on Windows
    ioctl = None  # type: ignore[assignment]

_LAST_RECEIVED = 0x8906  # SIOCGSTAMP, socket(7)
_TIMEVAL = Struct("@ll")
_EMPTY = bytes(_TIMEVAL.size)

LATEST = 1.0
"""Seconds that a datagram can have waited; more is a clock that was set."""


class Stamps:
    """Of one socket. Where the system keeps none the moment of reading is taken."""

    def __init__(self, transport: asyncio.BaseTransport) -> None:
        socket = transport.get_extra_info("socket")
        known = ioctl is not None and socket is not None and socket.fileno() >= 0
        self._descriptor: int | None = socket.fileno() if known else None

    def arrival(self) -> float:
        """When the datagram that was read last arrived, in monotonic seconds."""
        now = time.monotonic()
        if self._descriptor is None:
            return now
        try:
            seconds, microseconds = _TIMEVAL.unpack(ioctl(self._descriptor, _LAST_RECEIVED, _EMPTY))
        except OSError:  # to ask for the first time is what makes the kernel keep them
            return now
        waited = time.time() - seconds - microseconds * 1e-6
        return now - waited if 0.0 < waited < LATEST else now
