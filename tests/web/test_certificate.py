"""The certificate: made once, made anew when it must be, and its key for the owner only."""

from __future__ import annotations

import ssl
import stat

import pytest
from cryptography import x509

from web.certificate import server_context


def names_of(folder):
    loaded = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    held = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {*held.get_values_for_type(x509.DNSName), *map(str, held.get_values_for_type(x509.IPAddress))}


def test_the_certificate_names_this_machine_and_is_kept(tmp_path):
    server_context(tmp_path, ["localhost", "box"], ["127.0.0.1", "10.0.0.5"])
    first = (tmp_path / "certificate.pem").read_bytes()
    assert names_of(tmp_path) == {"localhost", "box", "127.0.0.1", "10.0.0.5"}
    assert stat.S_IMODE((tmp_path / "certificate.key").stat().st_mode) == 0o600
    server_context(tmp_path, ["localhost"], ["10.0.0.5"])
    assert (tmp_path / "certificate.pem").read_bytes() == first


def test_a_new_address_makes_a_new_certificate(tmp_path):
    server_context(tmp_path, ["localhost"], ["10.0.0.5"])
    server_context(tmp_path, ["localhost"], ["10.0.0.6"])
    assert "10.0.0.6" in names_of(tmp_path)


@pytest.mark.parametrize("file", ["certificate.pem", "certificate.key"])
def test_a_damaged_file_is_made_anew(tmp_path, file):
    server_context(tmp_path, ["localhost"], [])
    (tmp_path / file).write_bytes(b"damaged")
    assert isinstance(server_context(tmp_path, ["localhost"], []), ssl.SSLContext)


def test_a_key_of_another_certificate_is_made_anew(tmp_path):
    (other := tmp_path / "other").mkdir()
    for folder in (tmp_path, other):
        server_context(folder, ["localhost"], [])
    (tmp_path / "certificate.key").write_bytes((other / "certificate.key").read_bytes())
    assert isinstance(server_context(tmp_path, ["localhost"], []), ssl.SSLContext)
