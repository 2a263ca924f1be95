"""The examination: every probe, and what it means."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from pipeline.history.address import database_url, shown
from pipeline.history.reach import unreachable
from web.doctor import probes
from web.doctor.firewall import Firewall, Need, judge_firewall
from web.doctor.judgement import (
    judge_addresses,
    judge_certificate,
    judge_database,
    judge_door,
    judge_folder,
    judge_interfaces,
    judge_ports,
    judge_server,
)
from web.doctor.report import Finding, Report
from web.entrances import Entrances, Ports
from web.machine import Machine
from web.tls.cover import Cover
from web.tls.pair import NoPair
from webrtc.network import Network
from webrtc.tap.reach import reach


class Setup(Protocol):
    """What the server would be started with, by the names of its settings."""

    @property
    def host(self) -> str: ...
    @property
    def http_port(self) -> int: ...
    @property
    def https_port(self) -> int: ...
    @property
    def public_names(self) -> tuple[str, ...]: ...
    @property
    def certificate(self) -> Path | None: ...
    @property
    def certificate_key(self) -> Path | None: ...
    @property
    def data_dir(self) -> Path: ...
    @property
    def disk_floor(self) -> float: ...
    @property
    def database_url(self) -> SecretStr | None: ...
    @property
    def max_sessions(self) -> int: ...
    def network(self) -> Network: ...


async def examine(setup: Setup, firewall: Callable[[], Firewall] = probes.firewall) -> Report:
    """Look at everything; takes some seconds where something does not answer."""
    machine = Machine()
    await asyncio.to_thread(machine.look)
    parts: list[Awaitable[list[Finding]]] = [
        _network(setup, machine),
        _certificate(setup, machine),
        _firewall(setup, firewall),
        _servers(setup),
        _kept(setup),
    ]
    return Report.of(finding for part in await asyncio.gather(*parts) for finding in part)


async def _network(setup: Setup, machine: Machine) -> list[Finding]:
    network = setup.network()
    used = network.interfaces.look()
    doors = await asyncio.gather(
        probes.door("HTTP_PORT", "127.0.0.1", setup.http_port),
        probes.door("HTTPS_PORT", setup.host, setup.https_port),
    )
    taken = await asyncio.to_thread(probes.ports_taken, network.ports, used)
    entrances = Entrances(
        machine=machine,
        host=setup.host,
        ports=Ports(http=setup.http_port, https=setup.https_port),
        public_names=setup.public_names,
    )
    running = any(each.state == "mien" for each in doors)
    return [
        *judge_interfaces(used, network.interfaces.allowed),
        *map(judge_door, doors),
        *judge_addresses(entrances.urls(), used),
        judge_ports(network.ports, taken, setup.max_sessions, running=running),
    ]


async def _certificate(setup: Setup, machine: Machine) -> list[Finding]:
    kept, trouble = None, None
    own = None
    if setup.certificate is not None and setup.certificate_key is not None:
        own = (setup.certificate, setup.certificate_key)
    try:
        kept = await asyncio.to_thread(probes.certificate, setup.data_dir.resolve() / "state", own)
    except NoPair as error:
        trouble = str(error)
    wanted = machine.cover()
    if own is not None:  # loopback is opened by HTTP
        wanted = Cover.of(setup.public_names, machine.addresses if not setup.public_names else ())
    return judge_certificate(kept, trouble, wanted, datetime.now(UTC))


async def _firewall(setup: Setup, firewall: Callable[[], Firewall]) -> list[Finding]:
    ports = setup.network().ports
    first, last = (ports.first, ports.last) if len(ports) else (1024, 65_535)
    needs = [Need("tcp", setup.https_port, setup.https_port), Need("udp", first, last)]
    return judge_firewall(await asyncio.to_thread(firewall), needs)


async def _servers(setup: Setup) -> list[Finding]:
    asked = await asyncio.gather(*(reach(each) for each in setup.network().servers.fresh(time.time())))
    return [judge_server(each) for reached in asked for each in reached]


async def _kept(setup: Setup) -> list[Finding]:
    findings = [
        judge_folder(await asyncio.to_thread(probes.folder, setup.data_dir.resolve()), setup.disk_floor)
    ]
    if setup.database_url is None:
        return [*findings, judge_database(None, None)]
    try:
        url = database_url(setup.database_url.get_secret_value(), setup.data_dir.resolve() / "state")
    except ValueError as error:
        return [*findings, judge_database(None, str(error))]
    trouble = await unreachable(url)
    return [*findings, judge_database(shown(url), trouble.reason if trouble else None)]
