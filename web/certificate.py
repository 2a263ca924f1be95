"""The self-signed certificate that makes this machine a secure origin on its LAN."""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID = timedelta(days=397)
"""Browsers refuse certificates that are valid for longer than 398 days."""

RENEW_BEFORE = timedelta(days=30)


def server_context(folder: Path, names: Sequence[str], addresses: Sequence[str]) -> ssl.SSLContext:
    """A TLS context with the certificate kept in `folder`, made anew when it lacks a name or soon runs out.

    Blocks for some milliseconds. Raises `OSError` when the folder cannot be written.
    """
    certificate, key = folder / "certificate.pem", folder / "certificate.key"
    if not _serves(certificate, key, names, addresses):
        _make(certificate, key, names, addresses)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def _serves(certificate: Path, key: Path, names: Sequence[str], addresses: Sequence[str]) -> bool:
    try:
        loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), None)
        if private.public_key() != loaded.public_key():
            return False  # a crash between the two writes
    except (OSError, ValueError):
        return False
    held = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    covered = {str(name) for name in held.get_values_for_type(x509.DNSName)}
    covered |= {str(address) for address in held.get_values_for_type(x509.IPAddress)}
    return {*names, *addresses} <= covered and loaded.not_valid_after_utc - RENEW_BEFORE > datetime.now(UTC)


def _make(certificate: Path, key: Path, names: Sequence[str], addresses: Sequence[str]) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mien")])
    now = datetime.now(UTC)
    alternatives = [x509.DNSName(name) for name in names]
    alternatives += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]  # type: ignore[misc]
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clocks on a LAN differ
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )
    write_private(
        key,
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
