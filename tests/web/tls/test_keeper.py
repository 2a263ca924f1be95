"""The keeper, with real handshakes: a client that trusts only the authority, while machine, time and files change."""

from __future__ import annotations

import asyncio
import ssl

import pytest
from cryptography import x509

from tests.web.tls.conftest import HOME, NOW, handshake, trusting
from web.tls.cover import Cover
from web.tls.issuer import make_issuer
from web.tls.keeper import Keeper
from web.tls.leaf import sign
from web.tls.local import LocalCertificate
from web.tls.own import OwnCertificate
from web.tls.pair import NoPair


@pytest.fixture
def keeper(tmp_path, place, clock):
    keeper = Keeper(LocalCertificate(tmp_path), place.machine, tmp_path, clock)
    keeper.start()
    return keeper


@pytest.fixture
def client(keeper):
    return trusting(keeper.issuer.pem)


@pytest.mark.parametrize("name", ["192.168.1.5", "127.0.0.1", "::1", "localhost", "box.local"])
async def test_every_address_and_name_is_trusted(keeper, client, name):
    assert await handshake(keeper.context, client, name)


@pytest.mark.parametrize("name", ["192.168.1.6", "example.org", "box"])
async def test_nothing_else_is(keeper, client, name):
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        await handshake(keeper.context, client, name)


async def test_a_client_that_does_not_trust_the_authority_refuses(keeper):
    with pytest.raises(ssl.SSLCertVerificationError, match="self-signed certificate in certificate chain"):
        await handshake(keeper.context, ssl.create_default_context(), "localhost")


async def test_an_address_that_was_added_is_trusted_without_a_restart(keeper, client, place):
    before = await handshake(keeper.context, client, "192.168.1.5")
    await keeper.look()
    assert await handshake(keeper.context, client, "192.168.1.5") == before
    place.addresses = ["192.168.1.5", "10.0.0.9"]
    place.names = ["moved.local"]
    await keeper.look()
    for name in ("10.0.0.9", "192.168.1.5", "moved.local"):
        assert await handshake(keeper.context, client, name) != before


async def test_a_certificate_that_soon_runs_out_is_replaced_without_a_restart(keeper, client, clock):
    before = await handshake(keeper.context, client, "localhost")
    clock.pass_(days=366)
    await keeper.look()
    assert await handshake(keeper.context, client, "localhost") == before
    clock.pass_(days=1)
    await keeper.look()
    after = await handshake(keeper.context, ssl_later(client), "localhost")
    assert x509.load_der_x509_certificate(after).not_valid_before_utc > NOW


def ssl_later(client):
    """OpenSSL has no clock of ours: a certificate from the future is only looked at."""
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    return client


async def test_a_stolen_key_opens_nothing_outside(keeper, tmp_path, place, clock):
    issuer = make_issuer("box", HOME, NOW)
    cover = Cover.of(["bank.example"], ["203.0.113.7"])
    forger = type(issuer)(certificate=issuer.certificate, key=issuer.key, constraints=None)
    forged = sign(forger, cover, NOW)
    (tmp_path / "f.pem").write_bytes(forged.chain)
    (tmp_path / "f.key").write_bytes(forged.key)
    thief = Keeper(OwnCertificate(tmp_path / "f.pem", tmp_path / "f.key"), place.machine, tmp_path, clock)
    thief.start()
    for name in ("bank.example", "203.0.113.7"):
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
            await handshake(thief.context, trusting(issuer.pem), name)


async def test_it_looks_by_itself(keeper, client, place, monkeypatch):
    monkeypatch.setattr("web.tls.keeper.INTERVAL", 0)
    place.addresses = ["10.0.0.9"]
    seen = asyncio.Event()
    monkeypatch.setattr("web.tls.keeper.log.info", lambda *_: seen.set())
    running = asyncio.create_task(keeper.run())
    await asyncio.wait_for(seen.wait(), 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await handshake(keeper.context, client, "10.0.0.9")


async def test_no_key_is_left_lying_about(keeper, tmp_path, place):
    (tmp_path / ".tls-left").mkdir()
    place.addresses = ["10.0.0.9"]
    await keeper.look()
    keeper.start()
    assert not list(tmp_path.glob(".tls-*"))


async def test_a_full_disk_is_said_once_and_the_old_certificate_stays(
    keeper, client, place, monkeypatch, caplog
):
    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("web.tls.local.write_private", full)
    place.addresses = ["10.0.0.9"]
    for _ in range(3):
        await keeper.look()
    assert caplog.text.count("stays as it is") == 1
    assert await handshake(keeper.context, client, "192.168.1.5")
    monkeypatch.undo()
    await keeper.look()
    assert await handshake(keeper.context, client, "10.0.0.9")


class OwnPair:
    """An operator's two files."""

    def __init__(self, folder):
        self.certificate, self.key = folder / "own.pem", folder / "own.key"
        self.issuer = make_issuer("elsewhere", HOME, NOW)

    def write(self, cover, now=NOW, *, half=False):
        pair = sign(self.issuer, cover, now)
        self.certificate.write_bytes(pair.chain)
        if not half:
            self.key.write_bytes(pair.key)
        return pair


@pytest.fixture
def own(tmp_path):
    (folder := tmp_path / "own").mkdir()
    return OwnPair(folder)


@pytest.fixture
def own_keeper(own, tmp_path, place, clock):
    own.write(HOME)
    keeper = Keeper(OwnCertificate(own.certificate, own.key), place.machine, tmp_path, clock)
    keeper.start()
    return keeper


async def test_an_own_pair_is_read_anew_when_it_changes(own, own_keeper):
    client = trusting(own.issuer.pem)
    before = await handshake(own_keeper.context, client, "localhost")
    await own_keeper.look()
    assert await handshake(own_keeper.context, client, "localhost") == before
    own.write(Cover.of(["localhost"], []))
    await own_keeper.look()
    assert await handshake(own_keeper.context, client, "localhost") != before
    assert own_keeper.issuer is None


async def test_half_a_pair_keeps_the_old_one_until_it_fits(own, own_keeper, caplog):
    client = trusting(own.issuer.pem)
    before = await handshake(own_keeper.context, client, "localhost")
    pair = own.write(HOME, half=True)
    for _ in range(3):
        await own_keeper.look()
    assert caplog.text.count("the key is not the certificate's") == 1
    assert await handshake(own_keeper.context, client, "localhost") == before
    own.key.unlink()
    await own_keeper.look()
    assert await handshake(own_keeper.context, client, "localhost") == before
    own.key.write_bytes(pair.key)
    await own_keeper.look()
    assert await handshake(own_keeper.context, client, "localhost") != before


async def test_an_own_certificate_that_ran_out_is_used_with_a_warning(own, own_keeper, clock, caplog):
    clock.pass_(days=400)
    own.write(HOME)
    await own_keeper.look()
    assert "ran out on" in caplog.text and "stays as it is" not in caplog.text


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("own.pem", None, "cannot be read: No such file"),
        ("own.key", None, "cannot be read: No such file"),
        ("own.pem", b"x", "the certificate is not PEM"),
        ("own.key", b"x", "the key is not a PEM private key"),
    ],
)
def test_what_is_no_pair_is_said_at_the_start(own, own_keeper, tmp_path, place, file, content, said):
    path = tmp_path / "own" / file
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(NoPair, match=said):
        Keeper(OwnCertificate(own.certificate, own.key), place.machine, tmp_path).start()
