"""The ports: those of UDP on which calls may listen."""

from __future__ import annotations

import asyncio
import errno
import random
import socket
from dataclasses import dataclass

_AT_ONCE = 64
"""Ports tried before others get their turn: a port that is taken costs some microseconds."""


class PortsExhausted(Exception):
    """Every port of the range is taken on one of our addresses."""


@dataclass(frozen=True, slots=True)
class Ports:
    """From the first to the last; 0 for any that the system chooses."""

    first: int = 0
    last: int = 0

    def __len__(self) -> int:
        """How many there are; 0 where it is for the system to say."""
        return self.last - self.first + 1 if self.first else 0

    def __str__(self) -> str:
        return f"{self.first}-{self.last}" if self.first else "any"

    async def open(self, address: str) -> socket.socket:
        """A UDP socket on an address, which is for the caller to close. Raises `PortsExhausted`, and `OSError` where
        there is no such address."""
        if not self.first:
            return bound(address, 0)
        begin = random.randrange(len(self))  # noqa: S311 - no secret: it keeps calls from trying each other's ports
        for tried in range(len(self)):
            if tried and tried % _AT_ONCE == 0:
                await asyncio.sleep(0)
            try:
                return bound(address, self.first + (begin + tried) % len(self))
            except OSError as error:
                if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise
        raise PortsExhausted(f"Every UDP port from {self.first} to {self.last} is taken.")


def bound(address: str, port: int) -> socket.socket:
    """A UDP socket there. Raises `OSError`."""
    opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        opened.bind((address, port))
    except OSError:
        opened.close()
        raise
    return opened
