"""The local authority's files: made once, kept, and what is damaged."""

from __future__ import annotations

import logging
import stat
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization

from tests.web.tls.conftest import HOME, NOW
from web.tls.cover import Cover
from web.tls.issuer import make_issuer
from web.tls.local import LocalCertificate
from web.tls.pair import NoPair

FILES = ["authority.pem", "certificate.key", "certificate.pem"]


def test_three_files_for_their_owner_alone(tmp_path):
    LocalCertificate(tmp_path).look(HOME, NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_a_second_start_finds_what_the_first_made(tmp_path):
    first, second = LocalCertificate(tmp_path), LocalCertificate(tmp_path)
    pair = first.look(HOME, NOW)
    assert second.look(HOME, NOW) == pair and second.issuer.pem == first.issuer.pem
    assert first.look(HOME, NOW) is None and second.look(HOME, NOW) is None


def test_a_new_address_makes_a_new_certificate_of_the_same_authority(tmp_path):
    local = LocalCertificate(tmp_path)
    local.look(HOME, NOW)
    issuer = local.issuer
    pair = local.look(Cover.of(["localhost"], ["10.0.0.9"]), NOW)
    assert "10.0.0.9" in Cover.named_by(pair.certificate) and local.issuer is issuer
    assert LocalCertificate(tmp_path).look(Cover.of([], ["10.0.0.9"]), NOW) == pair


def test_a_certificate_is_renewed_a_month_before_its_end(tmp_path):
    local = LocalCertificate(tmp_path)
    first = local.look(HOME, NOW)
    assert local.look(HOME, NOW + timedelta(days=366)) is None
    again = local.look(HOME, NOW + timedelta(days=367))
    assert again.certificate.not_valid_after_utc > first.certificate.not_valid_after_utc


def test_an_authority_that_runs_out_is_replaced_and_said_so(tmp_path, caplog):
    local = LocalCertificate(tmp_path)
    local.look(HOME, NOW)
    old = local.issuer
    later = NOW + timedelta(days=3640)
    pair = local.look(HOME, later)
    assert local.issuer.pem != old.pem and "trust the new one" in caplog.text
    pair.certificate.verify_directly_issued_by(local.issuer.certificate)
    assert LocalCertificate(tmp_path).look(HOME, later) == pair


@pytest.mark.parametrize("file", ["certificate.pem", "certificate.key"])
@pytest.mark.parametrize("content", [b"", b"damaged", None])
def test_a_damaged_certificate_is_made_anew(tmp_path, file, content):
    first = LocalCertificate(tmp_path)
    first.look(HOME, NOW)
    if content is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_bytes(content)
    again = LocalCertificate(tmp_path)
    pair = again.look(HOME, NOW)
    assert again.issuer.pem == first.issuer.pem
    assert (tmp_path / "certificate.pem").read_bytes() == pair.chain


def test_a_crash_between_key_and_certificate_is_made_good(tmp_path):
    LocalCertificate(tmp_path).look(HOME, NOW)
    (other := tmp_path / "other").mkdir()
    key = LocalCertificate(other).look(HOME, NOW).key
    (tmp_path / "certificate.key").write_bytes(key)
    assert LocalCertificate(tmp_path).look(HOME, NOW).key != key


def test_what_an_earlier_version_signed_itself_is_replaced(tmp_path):
    alone = make_issuer("box", HOME, NOW)
    (tmp_path / "certificate.pem").write_bytes(alone.pem)
    pem, pkcs8, none = (
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "certificate.key").write_bytes(alone.key.private_bytes(pem, pkcs8, none))
    local = LocalCertificate(tmp_path)
    local.look(HOME, NOW).certificate.verify_directly_issued_by(local.issuer.certificate)


@pytest.mark.parametrize("content", [b"", b"damaged"])
def test_a_damaged_authority_is_left_to_people(tmp_path, content):
    LocalCertificate(tmp_path).look(HOME, NOW)
    (tmp_path / "authority.pem").write_bytes(content)
    with pytest.raises(NoPair, match=r"authority\.pem is damaged .* put a copy of it back, or delete it"):
        LocalCertificate(tmp_path).look(HOME, NOW)
    assert (tmp_path / "authority.pem").read_bytes() == content


def test_an_address_that_cannot_be_named_is_said_once(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    local = LocalCertificate(tmp_path)
    local.look(HOME, NOW)
    for _ in range(3):
        local.look(Cover.of(["localhost"], ["203.0.113.7"]), NOW)
    assert caplog.text.count("does not name 203.0.113.7") == 1
