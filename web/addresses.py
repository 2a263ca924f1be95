"""The names and addresses under which this machine may be opened."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Iterable

import ifaddr

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def lan_addresses() -> list[str]:
    """The machine's own IP addresses without loopback and link-local ones, IPv4 first."""
    found = []
    for adapter in ifaddr.get_adapters():
        for entry in adapter.ips:
            address = ipaddress.ip_address(entry.ip if isinstance(entry.ip, str) else entry.ip[0])
            if not (address.is_loopback or address.is_link_local or address.is_multicast):
                found.append(address)
    return [str(address) for address in sorted(set(found), key=lambda a: (a.version, int(a)))]


def default_address() -> str | None:
    """The address of the default route, which others most likely reach; nothing is sent. None without a route."""
    for family, documentation in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((documentation, 9))
            return str(probe.getsockname()[0])
    return None


def reachable(host: str, addresses: Iterable[str]) -> list[str]:
    """How others on the network may write the address that a server listens on, ready for a URL. `addresses` are the
    machine's own."""
    if host == "0.0.0.0":  # noqa: S104 - only asked after
        return [address for address in addresses if ":" not in address]
    if host in ("::", ""):
        return [f"[{address}]" if ":" in address else address for address in addresses]
    if host in LOOPBACK_NAMES:
        return []
    return [f"[{host}]" if ":" in host else host]


def own_names() -> list[str]:
    """Host names by which the machine may be called, besides its addresses."""
    name = socket.gethostname().lower()
    short = name.split(".")[0]
    return sorted({name, short, f"{short}.local"} - {""})


def host_of(netloc: str) -> str:
    """The host in a `Host` header or the authority of an origin, lower case, without port and brackets."""
    netloc = netloc.strip().lower()
    if netloc.startswith("["):
        return netloc[1:].partition("]")[0]
    return netloc.rpartition(":")[0] if netloc.count(":") == 1 else netloc


def is_loopback(address: str) -> bool:
    """Whether an IP address is loopback; anything that is no address is not."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback
