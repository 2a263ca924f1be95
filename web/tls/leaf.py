"""The server's certificate: signed by the local authority, for what the machine is called at present."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from web.tls.constraints import permitted
from web.tls.cover import Cover
from web.tls.issuer import CLOCKS_DIFFER, RENEW_BEFORE, Issuer, key_usage, pem_of
from web.tls.pair import Pair

VALID = timedelta(days=397)
"""Browsers refuse certificates that are valid for longer than 398 days."""


def sign(issuer: Issuer, cover: Cover, now: datetime) -> Pair:
    """A server's certificate for what of `cover` the authority may sign for."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    begins = now - CLOCKS_DIFFER
    certificate = (
        x509.CertificateBuilder()
        # Without a common name, which some take for a host name that the constraints hold for.
        .subject_name(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Mien")]))
        .issuer_name(issuer.certificate.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(min(begins + VALID, issuer.certificate.not_valid_after_utc))
        .add_extension(permitted(cover, issuer.constraints).alternatives(), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False
        )
        .sign(issuer.key, hashes.SHA256())
    )
    chain = certificate.public_bytes(serialization.Encoding.PEM) + issuer.pem
    return Pair(chain=chain, key=pem_of(key), certificate=certificate)


def serves(certificate: x509.Certificate, issuer: Issuer, cover: Cover, now: datetime) -> bool:
    """Whether a certificate is this authority's, names what it must and lasts for some time yet."""
    try:
        certificate.verify_directly_issued_by(issuer.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    if certificate.not_valid_before_utc > now or certificate.not_valid_after_utc - RENEW_BEFORE <= now:
        return False
    return permitted(cover, issuer.constraints) <= Cover.named_by(certificate)
