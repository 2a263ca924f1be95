"""What this machine is called at present, which changes with the network that it is on."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from web.addresses import default_address, lan_addresses, own_names
from web.tls.cover import Cover


class Machine:
    """Host names besides loopback, and addresses on the network, that of the default route first, as they were when
    last looked at."""

    def __init__(
        self,
        names: Callable[[], Iterable[str]] = own_names,
        addresses: Callable[[], Iterable[str]] = lan_addresses,
        default: Callable[[], str | None] = default_address,
    ) -> None:
        self._find_names, self._find_addresses, self._find_default = names, addresses, default
        self.names: frozenset[str] = frozenset()
        self.addresses: tuple[str, ...] = ()

    def look(self) -> None:
        """Find out anew. Blocks for some milliseconds. Raises `OSError`, and knows what it knew then."""
        names, default = frozenset(self._find_names()), self._find_default()
        self.addresses = tuple(sorted(self._find_addresses(), key=lambda address: address != default))
        self.names = names

    def cover(self) -> Cover:
        """What a certificate for it must name. A name without a dot is left out: an authority that may sign for `dev`
        may sign for every name that ends in it."""
        names = (name for name in self.names if "." in name)
        return Cover.of(["localhost", *names], ["127.0.0.1", "::1", *self.addresses])
