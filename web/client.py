"""Who asks: the address, the scheme and the host of a request, as a proxy that is trusted says where there is one."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from web.addresses import LOOPBACK_NAMES, host_of, is_loopback
from web.errors import ApiError

FORWARDED = ("forwarded", "x-forwarded-", "x-real-ip")

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """`authority` is the host with the port as the client wrote it, `here` whether the loopback rule holds: peer and
    Host are loopback, and no proxy speaks for someone else or could."""

    address: str
    secure: bool
    authority: str
    here: bool

    @property
    def host(self) -> str:
        """Lower case, without port and brackets."""
        return host_of(self.authority)


CLIENT = web.RequestKey("client", Client)


@dataclass(frozen=True, slots=True)
class Proxies:
    """The reverse proxies whose headers are believed. Everybody else's do no more than void the loopback rule."""

    networks: tuple[Network, ...] = ()

    def client(self, *, peer: str, secure: bool, headers: Mapping[str, Sequence[str]]) -> Client:
        """Who asks, by the peer's address and all values of each header, by lower-case name. Raises `ApiError` where
        a proxy that is trusted says what cannot be."""
        authority = headers.get("host", [""])[0]
        if not self._trusts(_address(peer)):
            forwarded = any(name.startswith(FORWARDED) for name in headers)
            here = is_loopback(peer) and host_of(authority) in LOOPBACK_NAMES
            here = here and not forwarded and not self.networks
            return Client(address=peer, secure=secure, authority=authority, here=here)
        proto = _nearest(headers, "x-forwarded-proto") or ("https" if secure else "http")
        if proto.lower() not in ("http", "https"):
            raise _malformed("X-Forwarded-Proto")
        return Client(
            address=self._first_untrusted(peer, _listed(headers, "x-forwarded-for")),
            secure=proto.lower() == "https",
            authority=_nearest(headers, "x-forwarded-host") or authority,
            here=False,
        )

    def speaks_for_many(self, peer: str) -> bool:
        """Whether many others may come by a peer: a proxy that is trusted, or one on this machine that is not."""
        return is_loopback(peer) or self._trusts(_address(peer))

    def _first_untrusted(self, peer: str, chain: Sequence[str]) -> str:
        """Each proxy appends whom it was asked by, so that what stands left of the first untrusted is hearsay."""
        found = peer
        for entry in reversed(chain):
            address = _address(_without_port(entry))
            if address is None:
                raise _malformed("X-Forwarded-For")
            found = str(address)
            if not self._trusts(address):
                break
        return found

    def _trusts(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self.networks)


def who_asks(proxies: Proxies) -> Middleware:
    """A middleware that finds out for those after it."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[CLIENT] = proxies.client(
            peer=request.remote or "", secure=request.secure, headers=_by_name(request.headers.items())
        )
        return await handler(request)

    return middleware


def client_of(request: web.Request) -> Client:
    """Who asks."""
    return request[CLIENT]


def from_this_machine(request: web.Request) -> bool:
    """The loopback rule: peer and Host are loopback, and no proxy speaks for someone else."""
    return request[CLIENT].here


def _by_name(items: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for name, value in items:
        headers.setdefault(name.lower(), []).append(value)
    return headers


def _listed(headers: Mapping[str, Sequence[str]], name: str) -> list[str]:
    return [entry.strip() for value in headers.get(name, ()) for entry in value.split(",") if entry.strip()]


def _nearest(headers: Mapping[str, Sequence[str]], name: str) -> str | None:
    """What the proxy nearest to us says."""
    entries = _listed(headers, name)
    return entries[-1] if entries else None


def _without_port(entry: str) -> str:
    """Some proxies write the client's port too."""
    bare = entry.strip('"')
    return host_of(bare) if bare.startswith("[") or bare.count(":") == 1 else bare


def _address(text: str) -> Address | None:
    """IPv4 that comes over an IPv6 socket is the IPv4 that it is."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _malformed(header: str) -> ApiError:
    return ApiError(400, "bad_forwarded", f"The proxy's {header} cannot be read.")
