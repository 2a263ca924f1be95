"""The local authority's files: itself, and the certificate it has signed for this machine."""

from __future__ import annotations

import logging
import socket
from datetime import datetime
from pathlib import Path

from web.private import write_private
from web.tls.constraints import permitted
from web.tls.cover import Cover
from web.tls.issuer import Issuer, make_issuer, read_issuer
from web.tls.leaf import serves, sign
from web.tls.pair import NoPair, Pair, read_pair

log = logging.getLogger(__name__)


class LocalCertificate:
    """Keeps `authority.pem`, `certificate.pem` and `certificate.key` in a folder; a `Source`.

    A damaged authority is not replaced by itself: devices trust the one that was there, and a copy of it may exist.
    What it has signed is made anew whenever it does not serve.
    """

    def __init__(self, folder: Path) -> None:
        self._authority = folder / "authority.pem"
        self._certificate, self._key = folder / "certificate.pem", folder / "certificate.key"
        self._issuer: Issuer | None = None
        self._pair: Pair | None = None
        self._left_out = Cover(frozenset(), frozenset())

    @property
    def issuer(self) -> Issuer | None:
        return self._issuer

    def look(self, cover: Cover, now: datetime) -> Pair | None:
        issuer = self._present_issuer(cover, now)
        self._say_what_is_left_out(cover, issuer)
        if self._pair is not None and serves(self._pair.certificate, issuer, cover, now):
            return None
        pair = self._kept() if self._pair is None else None
        if pair is None or not serves(pair.certificate, issuer, cover, now):
            pair = sign(issuer, cover, now)
            write_private(self._key, pair.key)
            write_private(self._certificate, pair.chain)
        self._pair = pair
        return pair

    def _present_issuer(self, cover: Cover, now: datetime) -> Issuer:
        issuer = self._issuer or self._kept_issuer()
        if issuer is None or not issuer.lasts(now):
            if issuer is not None:
                log.warning(
                    "the certificate authority %s runs out: every device has to trust the new one",
                    issuer.name,
                )
            issuer = make_issuer(socket.gethostname(), cover, now)
            write_private(self._authority, issuer.kept())
        self._issuer = issuer
        return issuer

    def _kept_issuer(self) -> Issuer | None:
        try:
            return read_issuer(self._authority.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise NoPair(
                f"the certificate authority in {self._authority} is damaged ({error}); put a copy of it back, or "
                "delete it and let every device trust the new one that is made then"
            ) from error

    def _kept(self) -> Pair | None:
        try:
            return read_pair(self._certificate.read_bytes(), self._key.read_bytes())
        except (FileNotFoundError, NoPair):  # none yet, or a crash between the two writes
            return None

    def _say_what_is_left_out(self, cover: Cover, issuer: Issuer) -> None:
        left_out = cover - permitted(cover, issuer.constraints)
        if left_out != self._left_out and any(left_out):
            log.info(
                "the certificate does not name %s, which its authority may not sign for",
                ", ".join(left_out),
            )
        self._left_out = left_out
