"""A TURN server for a test: coturn, with the secret that it shares with Mien."""

from __future__ import annotations

import contextlib
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECRET = "a-secret-of-the-tests"
TURNSERVER = shutil.which("turnserver")
MISSING = "coturn is not installed"


@dataclass(frozen=True, slots=True)
class Coturn:
    """Where it listens, by UDP and TCP, and what it logs."""

    address: str
    port: int
    log: Path

    @property
    def urls(self) -> str:
        """As `ICE_SERVERS` has them."""
        host = f"{self.address}:{self.port}"
        return f"turn:{host}?transport=udp,turn:{host}?transport=tcp"

    def logged(self) -> str:
        return self.log.read_text(errors="replace")

    def opened(self) -> str:
        """The same, written alike for each kind of socket."""
        return self.logged().replace(" :", ":")


@contextmanager
def coturn(
    folder: Path, address: str = "127.0.0.1", *within: str, port: int = 0, peer: str | None = None
) -> Iterator[Coturn]:
    """Run one for the length of a block, by the command `within` which it runs; it relays to `peer` and to nobody else,
    where there is one. To loopback it relays only where it listens there."""
    port = port or _free(address)
    log = folder / "turnserver.log"
    command = [
        *within,
        TURNSERVER,
        *("-n", "--listening-ip", address, "--relay-ip", address, "--listening-port", str(port)),
        *("--use-auth-secret", "--static-auth-secret", SECRET, "--realm", "mien.test", "--fingerprint"),
        *("--no-tls", "--no-dtls", "--no-cli", "--userdb", str(folder / "turndb"), "--verbose"),
        *("--pidfile", str(folder / "turnserver.pid"), "--log-file", "stdout"),
        *(["--denied-peer-ip=0.0.0.0-255.255.255.255", f"--allowed-peer-ip={peer}"] if peer else []),
        *(["--allow-loopback-peers"] if address.startswith("127.") else []),
    ]
    with log.open("wb") as out:
        running = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
    made = Coturn(address, port, log)
    try:
        deadline = time.monotonic() + 10
        while not all(
            f"{each} listener opened on: {address}:{port}" in made.opened() for each in ("UDP", "TCP")
        ):
            assert running.poll() is None and time.monotonic() < deadline, made.logged()
            time.sleep(0.05)
        yield made
    finally:
        running.terminate()
        running.wait(timeout=10)


def _free(address: str) -> int:
    """A port that is free for both, and not one of those that systems give to whoever asks for any."""
    while True:
        port = random.randrange(10_000, 20_000)
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream,
            contextlib.suppress(OSError),
        ):
            datagrams.bind((address, port))
            stream.bind((address, port))
            return port
