"""The ICE servers: STUN and TURN servers that calls are told of, with credentials that are good for a while.

The credentials are those of draft-uberti-behave-turn-rest-00, which coturn calls `use-auth-secret`: the name says until
when, and the password shows that somebody who knows the secret made it.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import SecretStr

LIFETIME = 3600
"""Seconds that credentials are good for: for beginning a call and, with coturn, for its length, since it asks for them
anew only with another allocation."""

_STUN = re.compile(r"stuns?:(?P<host>[^\s:?@\[\]]+|\[[0-9a-fA-F:.]+\])(:(?P<port>\d{1,5}))?")  # RFC 7064
_TURN = re.compile(
    r"(?P<scheme>turns?):(?P<host>[^\s:?@\[\]]+|\[[0-9a-fA-F:.]+\])(:(?P<port>\d{1,5}))?(\?transport=(?P<transport>udp|tcp))?"
)  # RFC 7065


@dataclass(frozen=True, slots=True)
class IceServer:
    """As an `RTCIceServer` of WebRTC has it."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None

    def __repr__(self) -> str:
        return f"IceServer(urls={self.urls})"


class IceServers:
    """Their URLs, and the secret that is shared with the TURN servers."""

    def __init__(self, urls: Sequence[str] = (), secret: SecretStr | None = None) -> None:
        self.stun = tuple(url for url in urls if is_stun(url))
        self.turn = tuple(url for url in urls if is_turn(url))
        self._secret = secret

    def __bool__(self) -> bool:
        return bool(self.stun or self.turn)

    def fresh(self, now: float) -> list[IceServer]:
        """For one caller, or for our own end of one call, with credentials that nobody else has. `now` is seconds since
        1970."""
        servers = [IceServer(self.stun)] if self.stun else []
        if self.turn and self._secret is not None:
            username, credential = credentials(
                self._secret.get_secret_value(), secrets.token_hex(8), now + LIFETIME
            )
            servers.append(IceServer(self.turn, username, credential))
        return servers


def credentials(secret: str, name: str, expiry: float) -> tuple[str, str]:
    """A user name, and the password that goes with it until `expiry`, in seconds since 1970."""
    username = f"{expiry:.0f}:{name}"
    mac = hmac.digest(secret.encode(), username.encode(), "sha1")  # as the scheme has it
    return username, base64.b64encode(mac).decode()


def is_stun(url: str) -> bool:
    """Whether it is the URL of a STUN server."""
    return _has_port(_STUN.fullmatch(url))


def is_turn(url: str) -> bool:
    """Whether it is the URL of a TURN server."""
    return _has_port(_TURN.fullmatch(url))


def _has_port(match: re.Match[str] | None) -> bool:
    return match is not None and 0 < int(match["port"] or 1) <= 65_535
