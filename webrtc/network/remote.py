"""Remote addresses: which of those that a peer says it is reached at nothing is ever sent to, and why.

A candidate is an address and a port that the peer chooses and we send to (RFC 8445, section 19.5.1): without a look at
it anybody who may call could have us knock at what only we can reach.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Literal

from webrtc.network.interfaces import Address, Used

Refusal = Literal[
    "no_address", "metadata", "unspecified", "multicast", "reserved", "loopback", "link_local", "left_out"
]

METADATA = frozenset(
    map(
        ipaddress.ip_address,
        (
            *(
                "169.254.169.254",
                "fd00:ec2::254",
                "169.254.170.2",
                "169.254.170.23",
                "fd00:ec2::23",
            ),  # Amazon, others
            *("169.254.169.253", "fd00:ec2::253", "fd20:ce::254"),  # Amazon's resolver, Google
            *("168.63.129.16", "100.100.100.200", "192.0.0.192"),  # Azure, Alibaba, Oracle
        ),
    )
)
"""Where a cloud's machines ask for their credentials, besides link-local addresses."""

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052 section 2.1

Route = Callable[[Address], Address | None]


def route(address: Address) -> Address | None:
    """From which of our addresses the system would send to another; nothing is sent. None where there is no way."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((str(address), 9))
        return ipaddress.ip_address(probe.getsockname()[0])
    return None


def refusal(text: str, ours: Used, *, here: bool, route: Route = route) -> Refusal | None:
    """Why nothing is sent to an address; None where it may be. `here` is whether the peer is on this machine, which
    alone may be reached by loopback."""
    try:
        address = _meant(ipaddress.ip_address(text))
    except ValueError:
        return "no_address"
    if address in METADATA:
        return "metadata"
    if address.is_loopback:
        return None if here else "loopback"
    if address.is_unspecified or (address.version == 4 and address.packed[0] == 0):
        return "unspecified"
    if address.is_multicast:
        return "multicast"
    if address.is_link_local:
        return None if ours.link_local_alone else "link_local"
    if address.is_reserved:
        return "reserved"
    return "left_out" if ours.closed and route(address) in ours.closed else None


def _meant(address: Address) -> Address:
    """The IPv4 address in an IPv6 address that is another way to write it, or to get there."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(address.packed[12:])
    return _embedded(address) or address


def _embedded(address: IPv6Address) -> IPv4Address | None:
    return address.ipv4_mapped or address.sixtofour
