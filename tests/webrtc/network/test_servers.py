"""ICE servers and the credentials for them."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from webrtc.network import IceServers
from webrtc.network.servers import LIFETIME, credentials, is_stun, is_turn

TURN = "turn:turn.example.org:3478?transport=udp"


def test_credentials_are_those_that_coturn_computes():
    # echo -n 1700000000:ann | openssl dgst -sha1 -hmac north -binary | base64
    assert credentials("north", "ann", 1_700_000_000.4) == ("1700000000:ann", "jeamH6dA5l2I9g3jmieza7CzEDo=")


def test_everybody_has_credentials_of_their_own_that_last_for_a_while():
    servers = IceServers([TURN, "stun:stun.example.org"], SecretStr("north"))
    (stun, ann), (_, bob) = servers.fresh(1000.0), servers.fresh(1000.0)
    assert stun.urls == ("stun:stun.example.org",) and stun.username is stun.credential is None
    assert ann.urls == (TURN,) and ann.username != bob.username and ann.credential != bob.credential
    assert int(ann.username.partition(":")[0]) == 1000 + LIFETIME


def test_nothing_that_is_printed_tells_the_secret_or_a_credential():
    servers = IceServers([TURN], SecretStr("north"))
    (one,) = servers.fresh(0.0)
    assert one.credential not in repr(one) and "north" not in f"{servers!r} {vars(servers)}"


def test_without_servers_there_is_nothing_to_tell():
    assert not IceServers() and IceServers().fresh(0.0) == []


@pytest.mark.parametrize("url", [TURN, "turns:[2001:db8::1]:5349?transport=tcp", "turn:10.0.0.1"])
def test_urls_of_turn_servers(url):
    assert is_turn(url) and not is_stun(url)


@pytest.mark.parametrize("url", ["stun:stun.example.org", "stuns:10.0.0.1:443", "stun:[2001:db8::1]"])
def test_urls_of_stun_servers(url):
    assert is_stun(url) and not is_turn(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "stun:",
        "turn:a:b",
        "turn:a:70000",
        "turn:user@host",
        "https://a",
        "stun:a?transport=udp",
        "turn:a?transport=x",
    ],
)
def test_other_urls(url):
    assert not is_stun(url) and not is_turn(url)
