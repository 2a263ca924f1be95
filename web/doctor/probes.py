"""The probes: what is there on this machine. Each leaves everything as it was."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import shutil
import socket
import ssl
import subprocess
import tempfile
from pathlib import Path

import aiohttp

from web.doctor.firewall import Firewall, read_firewalld, read_nftables, read_ufw
from web.doctor.judgement import Certificate, Door, Folder
from web.tls.cover import Cover
from web.tls.issuer import read_issuer
from web.tls.pair import NoPair, read_pair
from webrtc.network import Ports
from webrtc.network.interfaces import Used
from webrtc.network.ports import bound

_ASKING = aiohttp.ClientTimeout(total=2.0)
_COMMAND = 3.0


async def door(setting: str, host: str, port: int) -> Door:
    """Whether a TCP port is free, or Mien is there already."""
    try:
        await asyncio.to_thread(_listen, host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            version = await _mien(setting, host, port)
            return Door(setting, host, port, "taken" if version is None else "mien", version or "")
        known = error.errno in (errno.EACCES, errno.EPERM)
        return Door(setting, host, port, "forbidden" if known else "no_address")
    return Door(setting, host, port, "free")


def _listen(host: str, port: int) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host or "::", port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        tried.bind(address)
        tried.listen()


async def _mien(setting: str, host: str, port: int) -> str | None:
    """The version of Mien that listens there; None where it is something else."""
    scheme = "https" if setting.startswith("HTTPS") else "http"
    asked = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - only asked after
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # who it is, not whether it is trusted
    try:
        async with (
            aiohttp.ClientSession(timeout=_ASKING) as session,
            session.get(f"{scheme}://{asked}:{port}/healthz", ssl=context) as response,
        ):
            said = await response.json(content_type=None)
            return str(said["version"]) if said["status"] == "ok" else None
    except (aiohttp.ClientError, OSError, ValueError, LookupError, TypeError):
        return None


def ports_taken(ports: Ports, used: Used) -> int:
    """How many ports of a range somebody has, at most on one of the addresses. Blocks."""
    most = 0
    for address in map(str, used.addresses):
        taken = 0
        for port in range(ports.first, ports.last + 1) if len(ports) else ():
            try:
                bound(address, port).close()
            except OSError:
                taken += 1
        most = max(most, taken)
    return most


def certificate(state: Path, own: tuple[Path, Path] | None) -> Certificate | None:
    """The certificate that is kept; None before the first start. Blocks. Raises `NoPair`."""
    paths = own or (state / "certificate.pem", state / "certificate.key")
    try:
        pair = read_pair(paths[0].read_bytes(), paths[1].read_bytes())
    except FileNotFoundError as error:
        if own is None:
            return None
        raise NoPair(f"{error.filename} is not there") from error
    except OSError as error:
        raise NoPair(f"{error.filename} cannot be read ({error.strerror})") from error
    held = pair.certificate
    begins, ends = held.not_valid_before_utc, held.not_valid_after_utc
    return Certificate(Cover.named_by(held), begins, ends, None if own else _authority(state))


def _authority(state: Path) -> str:
    path = state / "authority.pem"
    try:
        return read_issuer(path.read_bytes()).name
    except OSError as error:
        raise NoPair(f"the authority in {path} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise NoPair(f"the authority in {path} is damaged ({error})") from error


def folder(path: Path) -> Folder:
    """The data folder, or where it would be made. Blocks."""
    there = next((each for each in (path, *path.parents) if each.exists()), path)
    trouble = None
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"\0")
    except OSError as error:
        trouble = error.strerror or type(error).__name__
    free = None
    with contextlib.suppress(OSError):
        free = shutil.disk_usage(there).free
    return Folder(str(path), trouble, free)


def firewall() -> Firewall:
    """The first that is active. Blocks."""
    ufw, firewalld, nftables = (shutil.which(name) for name in ("ufw", "firewall-cmd", "nft"))
    if ufw and _enabled():
        told = _told(ufw, "status")
        return Firewall("ufw", None) if told is None else read_ufw(told)
    if firewalld and (_told(firewalld, "--state") or "").strip() == "running":
        return read_firewalld(_told(firewalld, "--list-ports") or "", _told(firewalld, "--list-all") or "")
    if nftables:
        ruleset = _told(nftables, "list", "ruleset")
        return Firewall("unknown", None) if ruleset is None else read_nftables(ruleset)
    return Firewall("unknown", None)


def _enabled() -> bool:
    try:
        return "ENABLED=yes" in Path("/etc/ufw/ufw.conf").read_text()
    except OSError:
        return True  # then its own word counts


def _told(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_COMMAND, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
