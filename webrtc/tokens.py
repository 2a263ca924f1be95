"""Tokens: what shows for a day that somebody is the caller of a session, also after its end and a restart."""

from __future__ import annotations

import base64
import hashlib
import hmac

LIFE = 86_400.0
"""Seconds for which a token is good."""


class Tokens:
    """Makes and checks tokens. They are worth nothing once they are too old or the secret has changed."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "Tokens(…)"

    def of(self, session_id: str, now: float) -> str:
        """A token of a session, of characters that may stand in a URL. `now` is epoch seconds; each millisecond gives
        another token."""
        expires = f"{int((now + LIFE) * 1000):x}"
        return f"{expires}.{self._signature(session_id, expires)}"

    def proves(self, session_id: str, token: str, now: float) -> bool:
        """Whether a token is one of the session, and not too old. Takes equally long for every wrong one."""
        expires, _, signature = token.partition(".")
        genuine = hmac.compare_digest(_bytes(signature), self._signature(session_id, expires).encode())
        return genuine and int(expires, 16) > now * 1000

    def _signature(self, session_id: str, expires: str) -> str:
        signed = b"session\0" + _bytes(session_id) + b"\0" + _bytes(expires)
        digest = hmac.new(self._secret, signed, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")  # whatever a stranger sends is compared, not refused
