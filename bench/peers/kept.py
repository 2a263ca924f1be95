"""What a peer's server keeps and counts. Imported by the interpreters of the peers, so that it needs nothing."""

from __future__ import annotations

import socket
import time
from collections import Counter, deque
from typing import Any

SECONDS = 10.0

counted: Counter[str] = Counter()
"""Frames that were handed to the application, by kind."""


class Kept:
    """The last ten seconds of whatever comes."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._items: deque[tuple[float, Any]] = deque()

    def put(self, item: Any) -> None:
        now = time.monotonic()
        counted[self._kind] += 1
        self._items.append((now, item))
        while now - self._items[0][0] > SECONDS:
            self._items.popleft()


def announced_port() -> int:
    """A port that nobody listens on at the moment, printed for who started the server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    print(port, flush=True)
    return port
