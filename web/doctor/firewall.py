"""The firewall: which one is active, as far as it can be read, and whether it lets calls in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from web.doctor.report import Finding

Kind = Literal["none", "ufw", "firewalld", "nftables", "unknown"]
Protocol = Literal["tcp", "udp"]

_RULE = re.compile(r"(?<![\w.:/])(\d{1,5})(?:[:-](\d{1,5}))?(?:/(tcp|udp))?(?![\w.:/])")
_DROPS = re.compile(r"hook input[^}]*?policy drop", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Opening:
    """Ports that are let in; of both protocols where none is named."""

    first: int
    last: int
    protocol: Protocol | None = None

    def __contains__(self, need: Need) -> bool:
        fits = self.protocol in (None, need.protocol)
        return fits and self.first <= need.first and need.last <= self.last


@dataclass(frozen=True, slots=True)
class Need:
    """Ports that calls come in by."""

    protocol: Protocol
    first: int
    last: int

    def written(self, between: str) -> str:
        """As a firewall's command has it."""
        ports = str(self.first) if self.first == self.last else f"{self.first}{between}{self.last}"
        return f"{ports}/{self.protocol}"


@dataclass(frozen=True, slots=True)
class Firewall:
    """`openings` is None where it could not be read."""

    kind: Kind
    openings: tuple[Opening, ...] | None = ()


def read_ufw(text: str) -> Firewall:
    """Of `ufw status`. A rule for some senders only counts: those may be the callers."""
    if "Status: active" not in text:
        return Firewall("none")
    allowed = [line.split("ALLOW")[0] for line in text.splitlines() if "ALLOW" in line]
    return Firewall("ufw", tuple(_openings(allowed)))


def read_firewalld(ports: str, zone_target: str = "") -> Firewall:
    """Of `firewall-cmd --list-ports`, and of the zone's target."""
    if "ACCEPT" in zone_target:
        return Firewall("none")
    return Firewall("firewalld", tuple(_openings(ports.split())))


def read_nftables(ruleset: str) -> Firewall:
    """Of `nft list ruleset`: whether what comes in is dropped unless it is named. Its rules can be anything."""
    return Firewall("nftables", None) if _DROPS.search(ruleset) else Firewall("none")


def judge_firewall(firewall: Firewall, needs: Iterable[Need]) -> list[Finding]:
    """What a caller meets at it."""
    needs = list(needs)
    if firewall.kind == "none":
        return [Finding("ok", "firewall", "none is active that could be found")]
    if firewall.kind == "unknown" or firewall.openings is None:
        ports = " and ".join(each.written("-") for each in needs)
        text = f"what {firewall.kind} lets in could not be read"
        if firewall.kind == "unknown":
            text = "whether one is active cannot be told"
        return [Finding("warn", "firewall", text, f"calls come in by {ports}")]
    closed = [need for need in needs if not any(need in each for each in firewall.openings)]
    if not closed:
        return [Finding("ok", "firewall", f"{firewall.kind} is active and lets calls in")]
    return [
        Finding(
            "warn",
            "firewall",
            f"{firewall.kind} is active and does not let in {need.written('-')}",
            _words(firewall.kind, need),
        )
        for need in closed
    ]


def _words(kind: Kind, need: Need) -> str:
    if kind == "ufw":
        return f"sudo ufw allow {need.written(':')}"
    return f"sudo firewall-cmd --permanent --add-port={need.written('-')} && sudo firewall-cmd --reload"


def _openings(words: Iterable[str]) -> Iterable[Opening]:
    for word in words:
        for first, last, protocol in _RULE.findall(word):
            yield Opening(int(first), int(last or first), protocol or None)
