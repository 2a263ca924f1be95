"""The authority: what its certificate says, and that it is read as it was written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.web.tls.conftest import HOME, NOW
from web.tls.issuer import make_issuer, read_issuer


def extension(certificate, kind):
    return certificate.extensions.get_extension_for_class(kind)


def test_it_may_sign_servers_certificates_only_for_ten_years():
    certificate = make_issuer("box", HOME, NOW).certificate
    basic = extension(certificate, x509.BasicConstraints)
    assert basic.critical and basic.value.ca and basic.value.path_length == 0
    usage = extension(certificate, x509.KeyUsage)
    assert usage.critical and usage.value.key_cert_sign and usage.value.crl_sign
    assert not usage.value.digital_signature and not usage.value.key_agreement
    assert list(extension(certificate, x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert extension(certificate, x509.NameConstraints).critical
    assert certificate.not_valid_after_utc - NOW == timedelta(days=3652)


def test_two_installations_on_one_machine_are_told_apart():
    first, second = (make_issuer("box", HOME, NOW).name for _ in range(2))
    assert first != second and all(name.startswith("Mien on box ") for name in (first, second))


def test_a_long_host_name_keeps_the_suffix():
    name = make_issuer("b" * 100, HOME, NOW).name
    assert len(name) <= 64 and len(name.rsplit(" ", 1)[1]) == 6


def test_it_is_read_as_it_was_written():
    made = make_issuer("box", HOME, NOW)
    read = read_issuer(made.kept())
    assert (read.certificate, read.constraints) == (made.certificate, made.constraints)
    assert read.key.public_key() == made.key.public_key()
    assert "PrivateKey" not in repr(made)


def test_a_key_of_another_authority_is_refused():
    one, other = (make_issuer("box", HOME, NOW) for _ in range(2))
    with pytest.raises(ValueError, match="not the certificate's"):
        read_issuer(one.pem + other.kept().split(b"-----END CERTIFICATE-----\n")[1])


def test_it_lasts_until_a_month_before_its_end():
    issuer = make_issuer("box", HOME, NOW)
    assert issuer.lasts(NOW + timedelta(days=3652 - 31))
    assert not issuer.lasts(NOW + timedelta(days=3652 - 30))


def test_the_fingerprint_is_written_as_people_compare_it():
    parts = make_issuer("box", HOME, NOW).fingerprint.split(":")
    assert len(parts) == 32 and all(len(part) == 2 and part == part.upper() for part in parts)
