"""What a certificate must name: the host names and addresses under which the machine is opened."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from cryptography import x509

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII)
_LONGEST = 253


@dataclass(frozen=True, slots=True)
class Cover:
    """Host names, lower case, and IP addresses as `ipaddress` writes them."""

    names: frozenset[str]
    addresses: frozenset[str]

    @classmethod
    def of(cls, names: Iterable[str], addresses: Iterable[str]) -> Self:
        """What of these a certificate can name at all: a host name may be anything where it is set by hand."""
        fit = (name.lower() for name in names)
        return cls(frozenset(name for name in fit if _can_be_named(name)), frozenset(addresses))

    @classmethod
    def named_by(cls, certificate: x509.Certificate) -> Self:
        """What a certificate names."""
        try:
            held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (x509.ExtensionNotFound, ValueError):
            return cls(frozenset(), frozenset())
        addresses = held.get_values_for_type(x509.IPAddress)
        return cls(frozenset(held.get_values_for_type(x509.DNSName)), frozenset(map(str, addresses)))

    def __le__(self, other: Cover) -> bool:
        return self.names <= other.names and self.addresses <= other.addresses

    def __sub__(self, other: Cover) -> Cover:
        return Cover(self.names - other.names, self.addresses - other.addresses)

    def __iter__(self) -> Iterator[str]:
        yield from sorted(self.names)
        yield from sorted(self.addresses)

    def alternatives(self) -> x509.SubjectAlternativeName:
        """As a certificate says it."""
        names: list[x509.GeneralName] = [x509.DNSName(name) for name in sorted(self.names)]
        names += [x509.IPAddress(ipaddress.ip_address(address)) for address in sorted(self.addresses)]
        return x509.SubjectAlternativeName(names)


def _can_be_named(name: str) -> bool:
    return len(name) <= _LONGEST and _NAME.fullmatch(name) is not None
