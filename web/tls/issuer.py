"""The local certificate authority: one of this installation's own, which devices are told to trust once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from web.tls.constraints import constraints_for
from web.tls.cover import Cover
from web.tls.pair import read_pair

ISSUER_VALID = timedelta(days=3652)
"""Ten years: a new one has to be trusted by every device again."""

RENEW_BEFORE = timedelta(days=30)
"""What is about to run out is made anew so long before."""

CLOCKS_DIFFER = timedelta(hours=1)
_LONGEST_COMMON_NAME = 64  # RFC 5280, appendix A: ub-common-name


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """The authority's certificate, its key and what it may sign for."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    constraints: x509.NameConstraints | None

    @property
    def name(self) -> str:
        """What devices list it as, such as `Mien on box 1a2b3c`."""
        return str(self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate as people compare it: `AB:CD:…`."""
        return hashlib.sha256(self.der).digest().hex(":").upper()

    def kept(self) -> bytes:
        """Certificate and key as one PEM file, which cannot be half written."""
        return self.pem + pem_of(self.key)

    def lasts(self, now: datetime) -> bool:
        """Whether it can sign for some time yet."""
        return self.certificate.not_valid_after_utc - RENEW_BEFORE > now


def make_issuer(host: str, cover: Cover, now: datetime) -> Issuer:
    """A new authority of the machine `host`, which is called `cover` at present."""
    key = ec.generate_private_key(ec.SECP256R1())
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    suffix = identifier.digest.hex()[:6]
    common = f"Mien on {host}"[: _LONGEST_COMMON_NAME - len(suffix) - 1] + f" {suffix}"
    subject = x509.Name(
        # iOS lists an authority only where it has a common name.
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Mien"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )
    constraints = constraints_for(cover)
    usage = key_usage(key_cert_sign=True, crl_sign=True)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 2 * CLOCKS_DIFFER)
        .not_valid_after(now + ISSUER_VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(constraints, critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    return Issuer(certificate=certificate, key=key, constraints=constraints)


def read_issuer(kept: bytes) -> Issuer:
    """What `Issuer.kept` has written. Raises `NoPair`, a `ValueError`."""
    pair = read_pair(kept, kept)
    key = serialization.load_pem_private_key(kept, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("the key is of another kind")
    return Issuer(certificate=pair.certificate, key=key, constraints=_constraints_of(pair.certificate))


def _constraints_of(certificate: x509.Certificate) -> x509.NameConstraints | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return None


def key_usage(**allowed: bool) -> x509.KeyUsage:
    """What a key may be used for, by the names of `x509.KeyUsage`; nothing else."""
    nothing = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(**nothing | allowed)


def pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A private key as PEM without a password."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
