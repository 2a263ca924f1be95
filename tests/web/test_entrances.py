"""The entrances: their addresses, the invitation, and the page that shows both."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
import segno

from tests.web.conftest import FROM_ELSEWHERE
from tests.web.test_api import error_of
from web.addresses import default_address, lan_addresses
from web.entrances import Entrances, Ports, qr
from web.keys import ENTRANCES
from web.machine import Machine

ADDRESSES = ["10.0.0.4", "192.168.1.5", "fd00::5"]


def entrances(host="0.0.0.0", addresses=ADDRESSES, default="192.168.1.5", **options):
    machine = Machine(lambda: ["box", "box.local"], lambda: addresses, lambda: default)
    machine.look()
    return Entrances(machine=machine, host=host, ports=Ports(http=8080, https=8443), **options)


def test_the_address_of_the_default_route_is_first():
    assert entrances().urls() == ["https://192.168.1.5:8443", "https://10.0.0.4:8443"]
    assert entrances(default=None).urls()[0] == "https://10.0.0.4:8443"
    assert entrances(default="203.0.113.7").urls()[0] == "https://10.0.0.4:8443"


def test_over_ipv6_addresses_are_in_brackets():
    assert entrances("::", default="fd00::5").urls()[0] == "https://[fd00::5]:8443"


def test_a_public_name_comes_before_them():
    published = entrances(public_names=("mien.example.org",))
    assert published.urls()[:2] == ["https://mien.example.org", "https://192.168.1.5:8443"]
    assert set(published.names()) == {"box", "box.local", "mien.example.org"}


def test_an_address_at_which_no_call_would_begin_is_not_said_unless_there_is_no_other():
    assert entrances(calls=lambda: {"10.0.0.4", "fd00::5"}).urls() == ["https://10.0.0.4:8443"]
    assert entrances(calls=set).urls() == entrances().urls()


def test_the_invitation_carries_the_code_where_no_request_does():
    assert entrances().invitation("k7") == "https://192.168.1.5:8443/code#k7"
    path, fragment = entrances().invitation("My Code#1/ä").split("#")
    assert path.endswith("/code") and unquote(fragment) == "My Code#1/ä"


@pytest.mark.parametrize("nowhere", [{"host": "127.0.0.1"}, {"addresses": []}])
def test_nobody_is_invited_where_nobody_can_come(nowhere):
    assert entrances(**nowhere).invitation("k7") is None


def test_names_that_change_are_known_at_once():
    names = ["box"]
    machine = Machine(lambda: names, list, lambda: None)
    machine.look()
    found = Entrances(machine=machine, host="0.0.0.0", ports=Ports())
    names.append("moved.local")
    assert "moved.local" not in found.names()
    machine.look()
    assert "moved.local" in found.names()


def test_a_certificate_names_no_single_word_but_localhost():
    assert entrances().machine.cover().names == {"localhost", "box.local"}


def test_the_address_of_the_default_route_is_one_of_ours():
    assert default_address() in (None, *lan_addresses())


def test_the_code_is_a_plain_qr_code():
    text = entrances().invitation("k7")
    assert qr(text) == segno.make(text, error="m", micro=False) and not qr("k").is_micro


@pytest.mark.usefixtures("without_engines")
class TestThePage:
    async def test_it_shows_the_invitation_to_this_machine(self, http, server, app):
        app[ENTRANCES].machine.addresses = ("192.168.1.5", "10.0.0.4")
        async with http.get("/join") as response:
            text = await response.text()
        port, code = server.running.https_port, server.running.access.codes["caller"]
        assert f">https://192.168.1.5:{port}<" in text and f">https://10.0.0.4:{port}<" in text
        assert f">{code}<" in text and f"https://192.168.1.5:{port}/trust" in text
        picture = re.search(r'src="(data:image/svg\+xml[^"]*)"', text)[1]
        invitation = qr(f"https://192.168.1.5:{port}/code#{code}")
        assert unquote(re.search(r"d%3D%27[^%]*", picture)[0]) in unquote(
            invitation.svg_data_uri(scale=6, border=4, dark="#000", light="#fff")
        )
        assert "<script>" not in text and "style=" not in text

    async def test_without_a_network_it_says_so(self, http, app):
        app[ENTRANCES].machine.addresses = ()
        async with http.get("/join") as response:
            text = await response.text()
        assert "Nobody else can reach this server" in text and "data:image" not in text

    async def test_nobody_else_sees_it(self, http, lan):
        async with http.get("/join", headers=FROM_ELSEWHERE) as response:
            assert await error_of(response) == (401, "access_code_required")
        async with lan.get("/join") as response:
            assert await error_of(response) == (403, "operator_only")

    async def test_a_name_that_is_new_is_answered_to(self, http, app):
        async with http.get("/healthz", headers={"Host": "moved.local"}) as response:
            assert response.status == 403
        app[ENTRANCES].machine.names = frozenset({"moved.local"})
        async with http.get("/healthz", headers={"Host": "moved.local"}) as response:
            assert response.status == 200
