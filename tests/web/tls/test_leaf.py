"""The server's certificate: what it says, and whether one that is there still serves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.web.tls.conftest import HOME, NOW
from web.tls.cover import Cover
from web.tls.issuer import make_issuer
from web.tls.leaf import serves, sign

ISSUER = make_issuer("box", HOME, NOW)


def test_it_is_a_servers_certificate_of_the_authority():
    certificate = sign(ISSUER, HOME, NOW).certificate
    certificate.verify_directly_issued_by(ISSUER.certificate)
    held = certificate.extensions
    assert Cover.named_by(certificate) == HOME
    assert list(held.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.SERVER_AUTH
    ]
    identifier = ISSUER.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert held.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier == identifier.digest
    assert held.get_extension_for_class(x509.SubjectKeyIdentifier)
    assert not held.get_extension_for_class(x509.BasicConstraints).value.ca


def test_no_browser_finds_it_valid_for_too_long():
    certificate = sign(ISSUER, HOME, NOW).certificate
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(days=397)
    assert certificate.not_valid_before_utc < NOW


def test_the_chain_ends_with_the_authority():
    chain = x509.load_pem_x509_certificates(sign(ISSUER, HOME, NOW).chain)
    assert chain[1:] == [ISSUER.certificate] and len(chain) == 2


def test_it_does_not_outlive_the_authority():
    late = ISSUER.certificate.not_valid_after_utc - timedelta(days=40)
    certificate = sign(ISSUER, HOME, late).certificate
    assert certificate.not_valid_after_utc == ISSUER.certificate.not_valid_after_utc
    assert serves(certificate, ISSUER, HOME, late)


@pytest.mark.parametrize(
    ("cover", "days", "whether"),
    [
        (HOME, 0, True),
        (Cover.of(["localhost"], []), 0, True),
        (Cover.of(["localhost"], ["192.168.1.6"]), 0, False),
        (Cover.of(["other.local"], []), 0, False),
        (Cover.of(["localhost", "example.org"], ["203.0.113.7"]), 0, True),  # it could not name these
        (HOME, 366, True),
        (HOME, 367, False),
        (HOME, -1, False),
    ],
)
def test_whether_it_still_serves(cover, days, whether):
    certificate = sign(ISSUER, HOME, NOW).certificate
    assert serves(certificate, ISSUER, cover, NOW + timedelta(days=days)) is whether


def test_another_authoritys_does_not_serve():
    certificate = sign(make_issuer("box", HOME, NOW), HOME, NOW).certificate
    assert not serves(certificate, ISSUER, HOME, NOW)
