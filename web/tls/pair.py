"""A pair: a certificate with what was signed above it, and its private key, known to belong together."""

from __future__ import annotations

import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

PAIR_FILE = "pair.pem"
HELD = ".tls-"
"""How the names of folders begin in which a pair is for a moment."""


class NoPair(ValueError):
    """There is no certificate with its key. The message says why, as a clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """`chain` (PEM) begins with the certificate itself, `key` is PEM without a password."""

    chain: bytes
    key: bytes = field(repr=False)
    certificate: x509.Certificate


def read_pair(chain: bytes, key: bytes) -> Pair:
    """What two PEM files hold. Raises `NoPair`."""
    try:
        certificate = x509.load_pem_x509_certificates(chain)[0]
    except ValueError as error:
        raise NoPair("the certificate is not PEM") from error
    try:
        private: Any = serialization.load_pem_private_key(key, None)
    except TypeError as error:
        raise NoPair("the key is encrypted; Mien has no password for it") from error
    except ValueError as error:
        raise NoPair("the key is not a PEM private key") from error
    if private.public_key() != certificate.public_key():
        raise NoPair("the key is not the certificate's")
    return Pair(chain=chain, key=key, certificate=certificate)


def new_context() -> ssl.SSLContext:
    """A server's context without a certificate yet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def tried(pair: Pair, folder: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder in `folder` with the pair as the file `PAIR_FILE`, which OpenSSL takes: `ssl` loads from paths only, and
    what was checked is to be what is loaded. Whoever asked for it cleans it up. Blocks. Raises `NoPair`, `OSError`."""
    held = tempfile.TemporaryDirectory(prefix=HELD, dir=folder)
    try:
        both = Path(held.name) / PAIR_FILE
        both.write_bytes(pair.key.rstrip() + b"\n" + pair.chain)
        new_context().load_cert_chain(both)
    except ssl.SSLError as error:  # an OSError too
        held.cleanup()
        raise NoPair(f"OpenSSL does not take it ({error.reason or error})") from error
    except OSError:
        held.cleanup()
        raise
    return held
