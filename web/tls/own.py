"""A certificate of the operator's own, at two paths, which some other program renews."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

from web.tls.cover import Cover
from web.tls.issuer import Issuer
from web.tls.pair import NoPair, Pair, read_pair

log = logging.getLogger(__name__)


class OwnCertificate:
    """Reads the pair anew when one of the files has changed; a `Source`. What it names is the operator's affair."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._certificate, self._key = certificate, key
        self._seen: object = None

    @property
    def issuer(self) -> Issuer | None:
        return None

    def look(self, cover: Cover, now: datetime) -> Pair | None:
        seen = (_state(self._certificate), _state(self._key))
        if seen == self._seen:
            return None
        try:
            pair = read_pair(_read(self._certificate), _read(self._key))
        except NoPair as error:
            raise NoPair(f"{error} ({self._certificate}, {self._key})") from error
        self._seen = seen
        ends = pair.certificate.not_valid_after_utc
        if ends <= now:
            log.warning("the certificate in %s ran out on %s", self._certificate, ends.date())
        return pair


def _state(path: Path) -> tuple[int, int, int]:
    try:
        stat = path.stat()
    except OSError as error:
        raise NoPair(f"{path} cannot be read: {error.strerror}") from error
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NoPair(f"{path} cannot be read: {error.strerror}") from error
