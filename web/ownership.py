"""Ownership: whose a session is, read off its id.

An id is a random half and a half that only its caller's name and the secret give, so that nothing has to be looked up,
an id tells nobody whose it is, and a clip or an export is its caller's also after a restart.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

_HALF = 6  # bytes
_CALL = re.compile(r"[0-9a-f]{24}")
_CHAT = "chat_"


class Ownership:
    """Makes ids of sessions, and tells whose one is. `caller` is a caller's name (see `web.access.Asker`)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "Ownership(…)"

    def call(self, caller: str) -> str:
        """The id of a new call: 24 hexadecimal digits."""
        nonce = secrets.token_hex(_HALF)
        return nonce + self._half(caller, nonce)

    def conversation(self, caller: str) -> str:
        """The id of a new conversation without a call."""
        return _CHAT + self.call(caller)

    def named(self, caller: str, name: str) -> str:
        """The id of the conversation without a call that a caller calls by a name of their own."""
        digest = hmac.new(self._secret, f"name\0{caller}\0{name}".encode(), hashlib.sha256).hexdigest()
        nonce = digest[: 2 * _HALF]
        return _CHAT + nonce + self._half(caller, nonce)

    def owns(self, caller: str, session_id: str) -> bool:
        """Whether a session or conversation of this id is the caller's."""
        bare = session_id.removeprefix(_CHAT)
        if not _CALL.fullmatch(bare):
            return False
        nonce, half = bare[: 2 * _HALF], bare[2 * _HALF :]
        return hmac.compare_digest(half, self._half(caller, nonce))

    def _half(self, caller: str, nonce: str) -> str:
        signed = f"session\0{caller}\0{nonce}".encode()
        return hmac.new(self._secret, signed, hashlib.sha256).hexdigest()[: 2 * _HALF]


def is_call(session_id: str) -> bool:
    """Whether an id is one that a call has; a conversation of this id is never one without a call."""
    return _CALL.fullmatch(session_id) is not None
