"""The interfaces: which of the machine's addresses calls listen on, which not, and why."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Literal

import ifaddr

Address = IPv4Address | IPv6Address
Subnet = IPv4Network | IPv6Network
Why = Literal["loopback", "container", "vpn", "link_local", "not_listed"]

ALL = "all"

CONTAINERS = (
    *(
        "docker*",
        "br-*",
        "veth*",
        "virbr*",
        "vnet*",
        "podman*",
        "cni*",
        "cali*",
        "flannel*",
        "lxcbr*",
        "lxdbr*",
    ),
    *("incusbr*", "vmnet*", "vboxnet*", "bridge1??", "vethernet*", "virtualbox*", "vmware*"),
)
"""Names of interfaces to containers and virtual machines on this machine, in small letters; on Windows those of their
adapters. A bridge of one's own is mostly called br0, and stays."""

VPNS = (
    *(
        "tun*",
        "tap*",
        "utun*",
        "wg*",
        "tailscale*",
        "zt*",
        "ppp*",
        "ipsec*",
        "nordlynx*",
        "proton*",
        "wireguard*",
    ),
    *("zerotier*", "cloudflare*", "gpd*", "cscotun*", "nebula*"),
)
"""Names of interfaces to virtual private networks."""


@dataclass(frozen=True, slots=True)
class Interface:
    """One address of an interface, under the name that the system and people have for it."""

    name: str
    address: Address


@dataclass(frozen=True, slots=True)
class LeftOut:
    interface: Interface
    why: Why


@dataclass(frozen=True, slots=True)
class Used:
    """The machine's addresses, as they were when last looked at: those that calls listen on, the others, and whose
    interfaces have none that calls listen on."""

    used: tuple[Interface, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def addresses(self) -> frozenset[Address]:
        return frozenset(each.address for each in self.used)

    @property
    def closed(self) -> frozenset[Address]:
        """Addresses of interfaces that are left out altogether, loopback aside."""
        names = {each.name for each in self.used}
        out = (each.interface for each in self.left_out if each.why != "loopback")
        return frozenset(each.address for each in out if each.name not in names)

    @property
    def link_local_alone(self) -> bool:
        """Whether link-local addresses are all there is, as on a cable between two machines."""
        return bool(self.used) and all(each.address.is_link_local for each in self.used)


def machine() -> list[Interface]:
    """The interfaces that there are. An IPv6 address that needs its scope said cannot be written into a candidate, and
    is left away."""
    return [
        Interface(adapter.nice_name, ipaddress.ip_address(ip.ip if isinstance(ip.ip, str) else ip.ip[0]))
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if isinstance(ip.ip, str) or ip.ip[2] == 0
    ]


class Interfaces:
    """What the setting allows: names, which may have * and ? in them, addresses, and subnets; `all`; or, where it is
    empty, everything but what leads to containers and private networks, and link-local addresses."""

    def __init__(
        self, allowed: Sequence[str] = (), find: Callable[[], Iterable[Interface]] = machine
    ) -> None:
        self.allowed = tuple(allowed)
        self._find = find
        self._subnets = tuple(net for each in allowed if (net := subnet(each)) is not None)
        self._names = tuple(each.lower() for each in allowed if subnet(each) is None and each.lower() != ALL)
        self._all = ALL in {each.lower() for each in allowed}

    def look(self) -> Used:
        """Find out what there is. Takes less than a millisecond."""
        used, left_out = [], []
        for interface in self._find():
            why = self.judge(interface)
            if why is None:
                used.append(interface)
            else:
                left_out.append(LeftOut(interface, why))
        # A client that tries one candidate only takes the first: most networks are IPv4 yet.
        return Used(tuple(sorted(used, key=lambda each: each.address.version)), tuple(left_out))

    def addresses(self) -> frozenset[str]:
        """Those that calls listen on at present."""
        return frozenset(str(each) for each in self.look().addresses)

    def judge(self, interface: Interface) -> Why | None:
        """Why an address is left out; None where calls listen on it. Nobody else reaches loopback, and on this machine
        the others do as well."""
        address, name = interface.address, interface.name.lower()
        if address.is_loopback:
            return "loopback"
        if self._all or any(address in net for net in self._subnets):
            return None
        if self._names:
            return self._named(name, address)
        return "not_listed" if self._subnets else _by_default(name, address)

    def _named(self, name: str, address: Address) -> Why | None:
        if not any(fnmatchcase(name, pattern) for pattern in self._names):
            return "not_listed"
        return "link_local" if address.is_link_local else None


def subnet(text: str) -> Subnet | None:
    """An address, or a subnet, of which any address may be said; None where it is a name."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _by_default(name: str, address: Address) -> Why | None:
    if any(fnmatchcase(name, pattern) for pattern in CONTAINERS):
        return "container"
    if any(fnmatchcase(name, pattern) for pattern in VPNS):
        return "vpn"
    return "link_local" if address.is_link_local else None
