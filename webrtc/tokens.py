"""Tokens: what shows that somebody is the caller of a session, also after it has ended and after a restart."""

from __future__ import annotations

import base64
import hashlib
import hmac


class Tokens:
    """Makes and checks tokens. They are worth nothing once the secret has changed."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "Tokens(…)"

    def of(self, session_id: str) -> str:
        """The token of a session: 43 characters that may stand in a URL."""
        digest = hmac.new(self._secret, b"session " + _bytes(session_id), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def proves(self, session_id: str, token: str) -> bool:
        """Whether a token is that of the session. Takes equally long for every wrong one."""
        return hmac.compare_digest(_bytes(token), self.of(session_id).encode())


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")  # whatever a stranger sends is compared, not refused
