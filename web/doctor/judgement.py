"""What the probes' findings mean for a caller. Nothing here looks at the machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from web.doctor.report import Finding
from web.tls.cover import Cover
from webrtc.network import Ports
from webrtc.network.interfaces import Interface, LeftOut, Used, Why
from webrtc.tap.reach import Reached

_WHY: dict[Why, str] = {
    "container": "it leads to containers or virtual machines on this machine",
    "vpn": "it leads to a private network",
    "link_local": "it is a link-local address",
    "not_listed": "INTERFACES does not name it",
    "loopback": "nobody else reaches it",
}


@dataclass(frozen=True, slots=True)
class Door:
    """A TCP port that the server would listen on. `state` is what is there, `detail` what it said of itself."""

    setting: str
    host: str
    port: int
    state: Literal["free", "mien", "taken", "forbidden", "no_address"]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """The one that is kept. `authority` is the name of our own, None where it is somebody else's."""

    cover: Cover
    begins: datetime
    ends: datetime
    authority: str | None


@dataclass(frozen=True, slots=True)
class Folder:
    """The data folder. `trouble` says why it cannot be written, `free` is bytes."""

    path: str
    trouble: str | None
    free: int | None


def judge_interfaces(used: Used, allowed: Sequence[str]) -> list[Finding]:
    """On which addresses calls listen, and which are left out."""
    out = [each for each in used.left_out if each.why != "loopback"]
    findings = [
        Finding("ok", "interface", f"{name}: calls listen on {', '.join(addresses)}")
        for name, addresses in _by_name(used.used).items()
    ]
    if not findings:
        findings = [_no_interface(out, allowed)]
    for why in dict.fromkeys(each.why for each in out):
        for name, addresses in _by_name(each.interface for each in out if each.why == why).items():
            text = f"{name}: {', '.join(addresses)} is left out, since {_WHY[why]}"
            findings.append(Finding("ok", "interface", text))
    return findings


def _no_interface(out: Sequence[LeftOut], allowed: Sequence[str]) -> Finding:
    if not out:
        todo = "connect to Wi-Fi or a cable, on a single machine too"
        return Finding("fail", "interface", "no interface is up", todo)
    names = ", ".join(dict.fromkeys(each.interface.name for each in out))
    todo = f"of those that are up ({names}) name one in INTERFACES"
    if all(each.why == "link_local" for each in out):
        todo = "set INTERFACES=169.254.0.0/16 for a cable between two machines"
    which = "INTERFACES names none that is up" if allowed else "every interface is left out"
    return Finding("fail", "interface", which, todo)


def judge_door(door: Door) -> Finding:
    """Whether the server can listen there."""
    about, where = door.setting.partition("_")[0], f"{door.host} port {door.port}"
    match door.state:
        case "free":
            chosen = "a port that the system chooses" if door.port == 0 else f"{where} is free"
            return Finding("ok", about, chosen)
        case "mien":
            return Finding("ok", about, f"{where}: Mien {door.detail} is running there")
        case "taken":
            return Finding(
                "fail", about, f"{where} is taken by another program", f"choose another with {door.setting}"
            )
        case "forbidden":
            return Finding(
                "fail", about, f"{where} is not allowed to this user", f"choose another with {door.setting}"
            )
        case "no_address":
            return Finding(
                "fail", about, f"{door.host} is not an address of this machine", "set HOST to one that is"
            )


def judge_addresses(urls: Sequence[str], used: Used) -> list[Finding]:
    """Where others open the server, and whether calls work there."""
    if not urls:
        return [
            Finding(
                "warn", "addresses", "HTTPS is for this machine alone", "set HOST=0.0.0.0 to let others call"
            )
        ]
    outside = {
        _bracketed(str(each.interface.address)): each
        for each in used.left_out
        if each.interface.address not in used.addresses
    }
    return [_address(url, outside.get(url.removeprefix("https://").rpartition(":")[0])) for url in urls]


def _address(url: str, left_out: LeftOut | None) -> Finding:
    if left_out is None:
        return Finding("ok", "addresses", f"callers open {url}")
    name = left_out.interface.name
    text = f"{url} opens, but a call from there finds no way, since {name} is left out"
    return Finding("warn", "addresses", text, f"INTERFACES can name {name}")


def judge_ports(ports: Ports, taken: int, max_sessions: int, *, running: bool) -> Finding:
    """Whether there are UDP ports for calls. `taken` is how many of the range somebody has, at most on one address;
    `running` whether Mien's own calls may be among them."""
    if not len(ports):
        todo = "behind a firewall set UDP_PORT_RANGE, such as 50000-50100"
        return Finding("ok", "UDP", f"calls use any port that the system chooses; {todo}")
    free = len(ports) - taken
    if not free and not running:
        return Finding(
            "fail", "UDP", f"every port from {ports} is taken", "choose others with UDP_PORT_RANGE"
        )
    if free < max_sessions and not running:
        todo = "widen UDP_PORT_RANGE: each needs one"
        return Finding(
            "warn", "UDP", f"{free} of the ports {ports} are free for {max_sessions} callers", todo
        )
    return Finding("ok", "UDP", f"calls use {ports}, of which {free} are free")


def judge_certificate(
    kept: Certificate | None, trouble: str | None, wanted: Cover, now: datetime
) -> list[Finding]:
    """Whether browsers take the certificate, as far as can be told from here."""
    if trouble is not None:
        return [Finding("fail", "certificate", trouble)]
    if kept is None:
        return [
            Finding(
                "ok", "certificate", "one is made at the first start; devices are told to trust its authority"
            )
        ]
    whose = f"signed by {kept.authority}, which devices trust once (/trust)" if kept.authority else "your own"
    findings = [
        Finding("ok", "certificate", f"{whose}, valid until {kept.ends.date()}, for {', '.join(kept.cover)}")
    ]
    if not kept.begins <= now < kept.ends:
        level: Literal["ok", "fail"] = "ok" if kept.authority else "fail"
        todo = "it is made anew at the start" if kept.authority else "renew CERTIFICATE"
        findings = [
            Finding(
                level,
                "certificate",
                f"{whose}, valid from {kept.begins.date()} to {kept.ends.date()}, not now",
                todo,
            )
        ]
    missing = ", ".join(wanted - kept.cover)
    if missing and kept.authority:
        findings.append(Finding("ok", "certificate", f"it will be made anew to name {missing}"))
    elif missing:
        findings.append(Finding("warn", "certificate", f"it does not name {missing}", "browsers warn there"))
    return findings


def judge_server(reached: Reached) -> Finding:
    """What an ICE server is good for."""
    turn = reached.url.startswith("turn")
    about = "TURN" if turn else "STUN"
    match reached.outcome:
        case "ok" if turn:
            return Finding("ok", about, f"{reached.url} relays, now by {reached.detail}")
        case "ok":
            return Finding("ok", about, f"{reached.url} sees this machine as {reached.detail}")
        case "unsupported":
            return Finding("warn", about, f"{reached.url}: {reached.detail}")
        case "refused":
            why = "TURN_SECRET is not the server's, or the clocks differ" if "401" in reached.detail else ""
            return Finding("fail", about, f"{reached.url} refuses ({reached.detail})", why)
        case "silent" | "unknown_host":
            detail = f" ({reached.detail})" if reached.detail else ""
            todo = "see that it runs and its port is open; each call waits for it for 2 s"
            return Finding("fail" if turn else "warn", about, f"{reached.url} does not answer{detail}", todo)


def judge_folder(folder: Folder, floor: float) -> Finding:
    """Whether calls can be kept."""
    if folder.trouble is not None:
        return Finding("fail", "data", f"{folder.path} cannot be used: {folder.trouble}", "set DATA_DIR")
    if folder.free is None:
        return Finding("warn", "data", f"{folder.path}: the disk does not say how much is free")
    text = f"{folder.path}: {folder.free / 1e9:.1f} GB are free"
    if folder.free < floor:
        return Finding("warn", "data", text, f"nothing is recorded below DISK_FLOOR ({floor / 1e9:.1f} GB)")
    return Finding("ok", "data", text)


def judge_database(where: str | None, trouble: str | None) -> Finding:
    """Whether the history is kept; calls go on without it. `where` has no password in it."""
    if trouble is not None:
        return Finding("warn", "database", trouble, "calls go on without their history")
    return Finding("ok", "database", f"{where} answers" if where else "a file in the data folder")


def _by_name(interfaces: Iterable[Interface]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in interfaces:
        found.setdefault(each.name, []).append(str(each.address))
    return found


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
