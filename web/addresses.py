"""The names and addresses under which this machine may be opened."""

from __future__ import annotations

import ipaddress
import socket

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


def reachable(host: str) -> list[str]:
    """How others on the network may write the address that a server listens on, ready for a URL."""
    if host == "0.0.0.0":
        return [address for address in lan_addresses() if ":" not in address]
    if host in ("::", ""):
        return [f"[{address}]" if ":" in address else address for address in lan_addresses()]
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
