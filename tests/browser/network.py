"""A network for a test: one host of the server and some of callers, each a network namespace of its own."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.conftest import CHROMIUM


@dataclass(frozen=True, slots=True)
class Host:
    """A namespace with one address."""

    name: str
    address: str

    @property
    def within(self) -> list[str]:
        """The command that runs another one there."""
        return ["ip", "netns", "exec", self.name]

    def run(self, *command: str) -> bytes:
        """What a command prints there."""
        return subprocess.run([*self.within, *command], check=True, capture_output=True, timeout=30).stdout

    def browser(self, folder: Path) -> Path:
        """A program that is Chromium there."""
        script = folder / f"chromium-{self.name}"
        script.write_text(f'#!/bin/sh\nexec {" ".join(self.within)} {CHROMIUM} "$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return script


def why_not() -> str | None:
    """Why there can be no namespaces here."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "the program ip is not installed"
    probe = f"mien-{uuid.uuid4().hex[:6]}"
    if subprocess.run(["ip", "netns", "add", probe], capture_output=True).returncode:
        return "network namespaces cannot be made here"
    subprocess.run(["ip", "netns", "del", probe], check=True)
    return None


@contextmanager
def network(callers: int) -> Iterator[tuple[Host, Sequence[Host]]]:
    """The server's host at 10.77.0.1 and those of callers, on one link, for the length of a block."""
    mark = uuid.uuid4().hex[:6]
    hosts = [Host(f"mien-{mark}-{n}", f"10.77.0.{n + 1}") for n in range(callers + 1)]
    server, others = hosts[0], hosts[1:]
    try:
        for host in hosts:
            _ip("netns", "add", host.name)
            _ip("-n", host.name, "link", "set", "lo", "up")
        _ip("-n", server.name, "link", "add", "lan", "type", "bridge")
        _ip("-n", server.name, "addr", "add", f"{server.address}/24", "dev", "lan")
        _ip("-n", server.name, "link", "set", "lan", "up")
        for n, host in enumerate(others):
            port = ("link", "add", f"port{n}", "type", "veth", "peer", "name", "lan", "netns", host.name)
            _ip("-n", server.name, *port)
            _ip("-n", server.name, "link", "set", f"port{n}", "master", "lan", "up")
            _ip("-n", host.name, "addr", "add", f"{host.address}/24", "dev", "lan")
            _ip("-n", host.name, "link", "set", "lan", "up")
        yield server, others
    finally:
        for host in hosts:
            subprocess.run(["ip", "netns", "del", host.name], capture_output=True)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
