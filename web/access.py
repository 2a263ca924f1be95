"""The access code: who may come in from the LAN, and how that is remembered."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

from web.certificate import write_private

COOKIE = "mien_access"
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is read for something else
_LENGTH = 8


class Access:
    """Checks codes and the cookies given for them. A cookie is worthless once code or secret have changed."""

    def __init__(self, code: str, secret: bytes) -> None:
        self.code = code
        self.secret = secret
        self._cookie = hmac.new(secret, b"access " + code.encode(), hashlib.sha256).hexdigest()

    def __repr__(self) -> str:
        return "Access(…)"

    def cookie_for(self, code: str) -> str | None:
        """The cookie for a right code, None for a wrong one. Case, spaces and dashes do not matter."""
        typed, right = _plain(code), _plain(self.code)
        return self._cookie if hmac.compare_digest(typed, right) else None

    def admits(self, cookie: str | None) -> bool:
        """Whether a cookie was given for the present code."""
        return cookie is not None and hmac.compare_digest(
            cookie.encode(errors="surrogateescape"), self._cookie.encode()
        )


def _plain(code: str) -> bytes:
    return code.replace(" ", "").replace("-", "").lower().encode(errors="surrogateescape")


def load_access(folder: Path, secret: str | None) -> Access:
    """The code and the secret kept in `folder`, made at the first start. Raises `OSError`."""
    key = secret.encode() if secret else _kept(folder / "secret_key", secrets.token_urlsafe(32)).encode()
    code = _kept(folder / "access_code", "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)))
    return Access(code, key)


def _kept(path: Path, fresh: str) -> str:
    try:
        kept = path.read_text().strip()
    except FileNotFoundError:
        kept = ""
    if not kept:
        write_private(path, fresh.encode() + b"\n")
        return fresh
    return kept
