"""A pair: what is none, and what OpenSSL does not take."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import CertificateBuilder, Name

from tests.web.tls.conftest import HOME, NOW
from web.tls.issuer import make_issuer
from web.tls.leaf import sign
from web.tls.pair import NoPair, read_pair, tried

PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8


def test_a_key_with_a_password_is_refused_in_words():
    pair = sign(make_issuer("box", HOME, NOW), HOME, NOW)
    key = serialization.load_pem_private_key(pair.key, None)
    locked = key.private_bytes(PEM, PKCS8, serialization.BestAvailableEncryption(b"x"))
    with pytest.raises(NoPair, match="encrypted"):
        read_pair(pair.chain, locked)


def test_a_key_is_shown_nowhere():
    pair = sign(make_issuer("box", HOME, NOW), HOME, NOW)
    assert "PRIVATE" not in repr(pair)


def test_what_openssl_does_not_take_is_no_pair_and_leaves_nothing(tmp_path):
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505 - what is to be refused
    weak = (
        CertificateBuilder(Name([]), Name([]), key.public_key(), 1, NOW, NOW.replace(year=NOW.year + 1))
        .sign(key, SHA256())
        .public_bytes(PEM)
    )
    pair = read_pair(weak, key.private_bytes(PEM, PKCS8, serialization.NoEncryption()))
    with pytest.raises(NoPair, match="OpenSSL does not take it"):
        tried(pair, tmp_path)
    assert not list(tmp_path.iterdir())
