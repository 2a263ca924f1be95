"""Access: who may come in, by which code, as what, and how that is remembered."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from web.private import write_private

COOKIE = "mien_access"

Role = Literal["caller", "operator"]

LIFE: Mapping[Role, float] = {"caller": 7 * 86_400, "operator": 43_200}
"""Seconds for which a code need not be entered again. Whoever comes back before they are over has them anew."""

COOKIE_AGE = 30 * 86_400
"""Seconds for which a browser keeps its cookie: who comes back to enter the code is the caller that they were."""

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is read for something else
_LENGTHS: Mapping[Role, int] = {"caller": 8, "operator": 12}
_FILES: Mapping[Role, str] = {"caller": "access_code", "operator": "operator_code"}


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: an operator, who sees everything, or a caller, who sees what is their own. `caller` is the name that
    this browser was given, empty on the machine that Mien runs on. `fresh` is whether that is to last as it is."""

    role: Role
    caller: str = ""
    fresh: bool = True

    @property
    def operates(self) -> bool:
        """Whether everything is open to them."""
        return self.role == "operator"


HERE = Asker("operator")
"""Whoever asks on the machine that Mien runs on."""


class Access:
    """Checks the codes of both roles, and makes and reads the signed cookies that stand for them.

    A cookie is worth nothing once it is too old, or its role's code or the secret has changed.
    """

    def __init__(self, codes: Mapping[Role, str], secret: bytes, *, open_to_all: bool = False) -> None:
        self.codes = codes
        self.secret = secret
        self.open_to_all = open_to_all

    def __repr__(self) -> str:
        return "Access(…)"

    def role_of(self, code: str) -> Role | None:
        """Whose code it is; None for a wrong one. Case, spaces and dashes do not matter."""
        typed = _plain(code)
        right: dict[Role, bool] = {
            role: hmac.compare_digest(typed, _plain(own)) for role, own in self.codes.items()
        }
        return next((role for role, is_right in right.items() if is_right), None)

    def cookie(self, role: Role, caller: str | None, now: float) -> str:
        """A cookie for a role, for the caller of this name or for a new one. `now` is epoch seconds."""
        claim = f"{role}.{caller or secrets.token_hex(8)}.{int(now + LIFE[role])}"
        return f"{claim}.{self._signature(role, claim)}"

    def read(self, cookie: str | None, now: float) -> Asker | None:
        """Who presents a cookie; None where it is not a present one of ours."""
        if self.open_to_all:
            return HERE
        claim = self._claim(cookie)
        if claim is None or claim[2] <= now:
            return None
        role, caller, expires = claim
        return Asker(role, caller, fresh=expires - now > LIFE[role] / 2)

    def bearer(self, role: Role) -> Asker:
        """Who presents a role's code with each request instead of a cookie. All who do so are one caller, whom no
        cookie names."""
        signed = b"bearer\0" + _plain(self.codes[role])
        return Asker(role, hmac.new(self.secret, signed, hashlib.sha256).hexdigest()[:16])

    def caller_of(self, cookie: str | None) -> str | None:
        """The name in a cookie of ours, however old: who enters the code again remains the same caller."""
        claim = self._claim(cookie)
        return claim[1] or None if claim is not None else None

    def _claim(self, cookie: str | None) -> tuple[Role, str, int] | None:
        claim, _, signature = (cookie or "").rpartition(".")
        parts = claim.split(".")
        for role in self.codes:
            genuine = hmac.compare_digest(_bytes(signature), self._signature(role, claim).encode())
            if genuine and parts[0] == role:
                return role, parts[1], int(parts[2])
        return None

    def _signature(self, role: Role, claim: str) -> str:
        signed = b"access\0" + _plain(self.codes[role]) + b"\0" + _bytes(claim)
        return hmac.new(self.secret, signed, hashlib.sha256).hexdigest()


def _plain(code: str) -> bytes:
    return _bytes(code.replace(" ", "").replace("-", "").lower())


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")  # whatever a stranger sends is compared, not refused


def load_access(folder: Path, secret: str | None, *, open_to_all: bool = False) -> Access:
    """The codes and the secret kept in `folder`, made at the first start. Raises `OSError`."""
    key = secret.encode() if secret else _kept(folder / "secret_key", secrets.token_urlsafe(32)).encode()
    codes: dict[Role, str] = {
        role: _kept(folder / name, "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTHS[role])))
        for role, name in _FILES.items()
    }
    return Access(codes, key, open_to_all=open_to_all)


def _kept(path: Path, fresh: str) -> str:
    try:
        kept = path.read_text().strip()
    except FileNotFoundError:
        kept = ""
    if not kept:
        write_private(path, fresh.encode() + b"\n")
        return fresh
    return kept
