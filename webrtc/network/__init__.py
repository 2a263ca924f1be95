"""What calls may use of the network: on which interfaces and ports they listen, whom they send to, and the servers that
help where there is no direct way."""

from __future__ import annotations

from dataclasses import dataclass, field

from webrtc.network.interfaces import Interfaces
from webrtc.network.ports import Ports, PortsExhausted
from webrtc.network.servers import IceServer, IceServers

__all__ = ["IceServer", "IceServers", "Interfaces", "Network", "Ports", "PortsExhausted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """As the settings have it."""

    interfaces: Interfaces = field(default_factory=Interfaces)
    ports: Ports = field(default_factory=Ports)
    servers: IceServers = field(default_factory=IceServers)
