"""What the local authority may sign for, said in its certificate, so that a stolen key opens nothing else.

Permitted are names and addresses that exist only on one's own network, and what this machine was called when the
authority was made. Everything else is refused by whoever checks the chain (RFC 5280, section 4.2.1.10), also where the
certificate is a trust anchor: Chromium, Firefox and OpenSSL do so.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network

from cryptography import x509

from web.tls.cover import Cover

NAMES = ("localhost", "local", "lan", "internal", "home.arpa")
"""Ends of names that nobody outside can have: RFC 6761, 6762 and 8375, ICANN's `internal`, and what routers use."""

NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "100.64.0.0/10",  # shared address space, which overlay networks use
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)

_ONES_OWN_V6 = 64
"""Bits of a public IPv6 address that stay while privacy extensions change the others each day."""


def constraints_for(cover: Cover) -> x509.NameConstraints:
    """The constraints of an authority that is made on a machine called like this."""
    own = cover - _part(cover, NAMES, NETWORKS)
    networks = {_around(address) for address in own.addresses}
    subtrees: list[x509.GeneralName] = [x509.DNSName(name) for name in (*NAMES, *sorted(own.names))]
    subtrees += [x509.IPAddress(network) for network in (*NETWORKS, *sorted(networks, key=str))]
    return x509.NameConstraints(permitted_subtrees=subtrees, excluded_subtrees=None)


def permitted(cover: Cover, constraints: x509.NameConstraints | None) -> Cover:
    """The part of a cover that an authority with these constraints may sign for; all of it without any."""
    if constraints is None or constraints.permitted_subtrees is None:
        return cover
    ends = [each.value for each in constraints.permitted_subtrees if isinstance(each, x509.DNSName)]
    networks = [each.value for each in constraints.permitted_subtrees if isinstance(each, x509.IPAddress)]
    return _part(cover, ends, networks)


def _part(cover: Cover, ends: Iterable[str], networks: Iterable[object]) -> Cover:
    names, within = tuple(ends), tuple(networks)
    return Cover(
        frozenset(n for n in cover.names if any(n == end or n.endswith(f".{end}") for end in names)),
        frozenset(a for a in cover.addresses if any(_within(_single(a), network) for network in within)),
    )


def _around(address: str) -> IPv4Network | IPv6Network:
    single = _single(address)
    return single.supernet(new_prefix=_ONES_OWN_V6) if isinstance(single, IPv6Network) else single


def _single(address: str) -> IPv4Network | IPv6Network:
    return ipaddress.ip_network(address)


def _within(inner: IPv4Network | IPv6Network, outer: object) -> bool:
    if isinstance(inner, IPv4Network):
        return isinstance(outer, IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and inner.subnet_of(outer)
