"""The announcement: what whoever starts the server reads, where to open it, with which code, and whom to trust."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from web.access import Access
from web.entrances import Entrances, qr
from web.tls.issuer import Issuer


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """`issuer` is the authority that devices are to trust, where there is one; `shows_join` is whether this machine is
    known as such, so that /join opens here; `draws` is whether a QR code can be read off what it is printed on."""

    version: str
    data: Path
    access: Access
    entrances: Entrances
    issuer: Issuer | None
    shows_join: bool
    draws: bool

    def __str__(self) -> str:
        return "\n".join(
            [*self._addresses(), *self._codes(), "", *self._trust(), *self._invitation(), self._end]
        )

    @property
    def _here(self) -> str:
        return f"http://localhost:{self.entrances.ports.http}"

    @property
    def _end(self) -> str:
        return f"  Data: {self.data}    Ctrl-C stops the server."

    def _addresses(self) -> list[str]:
        urls = self.entrances.urls()
        lines = [f"Mien {self.version}", "", f"  on this machine   {self._here}"]
        lines += [f"  on your network   {url}" for url in urls]
        return (
            lines if urls else [*lines, f"  or with TLS       https://localhost:{self.entrances.ports.https}"]
        )

    def _codes(self) -> list[str]:
        if self.access.open_to_all:
            return ["  access            open: whoever reaches it sees everything"]
        codes = self.access.codes
        return [
            f"  access code       {codes['caller']}      for callers, who see what is their own",
            f"  operator's code   {codes['operator']}  for you, elsewhere than on this machine: it shows everything",
        ]

    def _trust(self) -> list[str]:
        if self.issuer is None:
            return []
        middle = len(self.issuer.fingerprint) // 2
        return [
            f"  A browser warns until its device trusts this machine's certificate authority, {self.issuer.name}.",
            "  The page /trust at these addresses says how. Its SHA-256 fingerprint:",
            f"    {self.issuer.fingerprint[:middle]}",
            f"    {self.issuer.fingerprint[middle + 1 :]}",
        ]

    def _invitation(self) -> list[str]:
        invitation = self.entrances.invitation(self.access.codes["caller"])
        if invitation is None:
            return []
        lines = ["", *_picture(invitation)] if self.draws else [""]
        return [*lines, f"  A phone scans its way in at {self._here}/join"] if self.shows_join else lines


def _picture(text: str) -> list[str]:
    drawn = io.StringIO()
    qr(text).terminal(drawn, border=2, compact=True)
    # White on black, whatever the terminal's own colours are: not every camera reads one that is turned round.
    return [f"  \x1b[97;40m{line}\x1b[0m" for line in drawn.getvalue().splitlines()]
