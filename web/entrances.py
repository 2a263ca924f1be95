"""The entrances: under which addresses others open this server, and the invitation that carries the access code."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import quote

import segno

from web.addresses import reachable
from web.machine import Machine


@dataclass(slots=True, kw_only=True)
class Ports:
    """Where the server listens; 0 until it does."""

    http: int = 0
    https: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrances:
    """`host` is the address on which HTTPS listens, `public_names` are those under which a proxy publishes it, and
    `calls` tells the addresses on which calls listen: by others the page would open, and no call begin."""

    machine: Machine
    host: str
    ports: Ports
    public_names: tuple[str, ...] = ()
    calls: Callable[[], Collection[str]] | None = None

    def names(self) -> Collection[str]:
        """The host names that are ours at present, besides loopback."""
        return self.machine.names.union(self.public_names)

    def urls(self) -> list[str]:
        """Where others may begin, without a slash at the end; what most likely works is first."""
        published = [f"https://{name}" for name in self.public_names]
        addresses = self.machine.addresses
        if self.calls is not None:
            used = self.calls()
            addresses = tuple(each for each in addresses if each in used) or addresses
        hosts = reachable(self.host, addresses)
        return published + [f"https://{host}:{self.ports.https}" for host in hosts]

    def invitation(self, code: str) -> str | None:
        """The address that opens the server and enters the code; None where nobody else can. The code is in the
        fragment, which no browser sends: it is in no request, no log and no Referer."""
        urls = self.urls()
        return f"{urls[0]}/code#{quote(code, safe='')}" if urls else None


def qr(text: str) -> segno.QRCode:
    """A QR code that survives a little dirt on the screen."""
    return segno.make(text, error="m", micro=False)
