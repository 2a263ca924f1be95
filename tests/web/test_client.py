"""Who asks: with and without proxies, and what a stranger's headers are worth."""

from __future__ import annotations

import ipaddress
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.test_api import error_of
from web.client import Proxies
from web.errors import ApiError

PROXY = "10.0.0.1"
TRUSTING = Proxies(tuple(map(ipaddress.ip_network, ("10.0.0.1", "10.0.1.0/24", "fd00::/64"))))


def ask(proxies=TRUSTING, peer=PROXY, secure=False, **headers):
    named = {name.replace("_", "-"): [value] for name, value in headers.items()}
    return proxies.client(peer=peer, secure=secure, headers={"host": ["box:8080"]} | named)


def test_without_a_proxy_the_peer_is_who_asks():
    client = ask(Proxies(), peer="192.168.1.7", secure=True)
    assert (client.address, client.secure, client.host, client.here) == ("192.168.1.7", True, "box", False)


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        ("192.168.1.7", "192.168.1.7"),
        ("6.6.6.6, 192.168.1.7", "192.168.1.7"),  # the client itself said 6.6.6.6
        ("127.0.0.1, 192.168.1.7, 10.0.1.2", "192.168.1.7"),
        ("10.0.1.3, 10.0.1.2", "10.0.1.3"),
        ("rubbish, 192.168.1.7", "192.168.1.7"),
        ("192.168.1.7:4711", "192.168.1.7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("2001:DB8::7", "2001:db8::7"),
        ("::ffff:192.168.1.7", "192.168.1.7"),
        ("192.168.1.7, fd00::9,", "192.168.1.7"),
    ],
)
def test_behind_a_proxy_it_is_the_right_most_address_that_is_not_trusted(chain, address):
    assert ask(x_forwarded_for=chain).address == address


def test_several_headers_are_one_list():
    headers = {"host": ["box"], "x-forwarded-for": ["6.6.6.6", "192.168.1.7", "10.0.1.2"]}
    assert TRUSTING.client(peer=PROXY, secure=False, headers=headers).address == "192.168.1.7"


@pytest.mark.parametrize(
    "chain", ["rubbish", "192.168.1.7, rubbish", "unknown", "192.168.1.7, 10.0.1", "1.2.3.4.5"]
)
def test_a_trusted_proxy_that_says_what_cannot_be_is_refused(chain):
    with pytest.raises(ApiError) as refused:
        ask(x_forwarded_for=chain)
    assert (refused.value.status, refused.value.code) == (400, "bad_forwarded")


def test_a_proxy_that_names_nobody_asks_for_itself():
    assert ask().address == PROXY and not ask(peer=PROXY, host="localhost").here


@pytest.mark.parametrize("peer", ["10.0.0.2", "192.168.1.7", "127.0.0.1", "not an address", ""])
def test_what_a_stranger_forwards_is_ignored(peer):
    forged = {"x_forwarded_for": "6.6.6.6", "x_forwarded_proto": "https", "x_forwarded_host": "evil.example"}
    client = ask(peer=peer, **forged)
    assert (client.address, client.secure, client.host, client.here) == (peer, False, "box", False)
    assert ask(peer=peer, x_forwarded_for="rubbish").address == peer


@pytest.mark.parametrize("peer", ["10.0.1.77", "::ffff:10.0.0.1", "fd00::5"])
def test_networks_and_mapped_addresses_are_trusted(peer):
    assert ask(peer=peer, x_forwarded_for="6.6.6.6").address == "6.6.6.6"


def test_scheme_and_host_are_those_that_the_proxy_was_asked_with():
    client = ask(x_forwarded_proto="HTTPS", x_forwarded_host="Mien.example.org:444")
    assert (client.secure, client.authority, client.host) == (
        True,
        "Mien.example.org:444",
        "mien.example.org",
    )
    assert not ask(secure=True, x_forwarded_proto="http").secure
    assert ask(secure=True).secure and ask().host == "box"
    assert ask(x_forwarded_host="evil.example, mien.example.org").host == "mien.example.org"
    with pytest.raises(ApiError):
        ask(x_forwarded_proto="gopher")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080"])
def test_the_loopback_rule_ends_where_a_proxy_could_speak(host):
    assert ask(Proxies(), peer="127.0.0.1", host=host).here
    assert not ask(Proxies(), peer="127.0.0.1", host=host, x_real_ip="127.0.0.1").here
    assert not ask(TRUSTING, peer="127.0.0.1", host=host).here
    assert not ask(Proxies(), peer="192.168.1.7", host=host).here


@given(st.text(max_size=60))
def test_whatever_is_forwarded_is_an_address_or_refused(chain):
    try:
        ipaddress.ip_address(ask(x_forwarded_for=chain).address)
    except ApiError as refused:
        assert refused.code == "bad_forwarded"


@pytest.fixture
def settings():
    return {
        "max_sessions": 2,
        "emotion_engines": "embedded",
        "trusted_proxies": "127.0.0.1",
        "public_names": "mien.example.org",
    }


FORWARDED = {
    "Host": "mien.example.org",
    "X-Forwarded-For": "6.6.6.6, 192.168.1.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "mien.example.org",
}


@pytest.mark.usefixtures("without_engines")
class TestBehindAProxy:
    async def test_nobody_is_at_this_machine(self, http):
        async with http.get("/status") as response:
            assert await error_of(response) == (401, "access_code_required")

    async def test_the_public_name_is_ours_and_the_cookie_for_https(self, http, server):
        form = {"code": server.running.access.codes["caller"], "next": "/"}
        headers = FORWARDED | {"Origin": "https://mien.example.org"}
        async with http.post("/code", data=form, headers=headers, allow_redirects=False) as response:
            assert response.status == 303 and response.cookies["mien_access"]["secure"]

    async def test_over_plain_http_the_cookie_is_for_http_too(self, http, server):
        form = {"code": server.running.access.codes["caller"], "next": "/"}
        headers = FORWARDED | {"X-Forwarded-Proto": "http"}
        async with http.post("/code", data=form, headers=headers, allow_redirects=False) as response:
            assert response.status == 303 and not response.cookies["mien_access"]["secure"]

    @pytest.mark.parametrize(
        ("changed", "refusal"),
        [
            ({"X-Forwarded-Host": "evil.example"}, (403, "wrong_host")),
            ({"Origin": "https://evil.example"}, (403, "wrong_origin")),
            ({"X-Forwarded-For": "rubbish"}, (400, "bad_forwarded")),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, http, changed, refusal):
        async with http.get("/healthz", headers=FORWARDED | changed) as response:
            assert await error_of(response) == refusal

    async def test_each_client_behind_the_proxy_has_limits_of_its_own(self, http, server):
        access = server.running.access
        http.cookie_jar.update_cookies({"mien_access": access.cookie("caller", None, time.time())})
        for _ in range(10):
            async with http.post("/offer", data=b"{", headers=FORWARDED) as response:
                assert response.status == 400
        async with http.post("/offer", data=b"{", headers=FORWARDED) as response:
            assert response.status == 429
        other = FORWARDED | {"X-Forwarded-For": "6.6.6.6, 192.168.1.8"}
        async with http.post("/offer", data=b"{", headers=other) as response:
            assert response.status == 400
