"""STUN and TURN servers, asked as a call would."""

from __future__ import annotations

import asyncio
import inspect
import re
import time

import pytest
from aioice import turn

from tests.coturn import MISSING, SECRET, TURNSERVER, coturn
from webrtc.network import IceServer
from webrtc.network.ports import bound
from webrtc.network.servers import credentials
from webrtc.tap.reach import reach


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    if TURNSERVER is None:
        pytest.skip(MISSING)
    with coturn(tmp_path_factory.mktemp("coturn")) as made:
        yield made


async def asked(server, secret, expiry):
    return await reach(IceServer(tuple(server.urls.split(",")), *credentials(secret, "ann", expiry)))


def test_the_installed_aioice_allocates_as_it_is_asked():
    assert set(inspect.signature(turn.create_turn_endpoint).parameters) >= {
        *("protocol_factory", "server_addr", "username", "password", "ssl", "transport")
    }
    assert "Delete the TURN allocation" in inspect.getsource(turn.TurnClientMixin.delete)
    assert "self.__inner_protocol.delete()" in inspect.getsource(turn.TurnTransport._close)


async def test_coturn_relays_by_udp_and_tcp_for_credentials_of_its_secret_and_is_given_the_relay_back(server):
    found = await asked(server, SECRET, time.time() + 60)
    assert [each.outcome for each in found] == ["ok", "ok"]
    assert all(each.detail.startswith("127.0.0.1:") for each in found)
    async with asyncio.timeout(5):
        while len(re.findall(r":ann>, lifetime=0$", server.logged(), re.MULTILINE)) < 2:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("secret", "lasts"), [("another", 60), (SECRET, -60)], ids=["wrong secret", "run out"]
)
async def test_coturn_refuses_others(server, secret, lasts):
    found = await asked(server, secret, time.time() + lasts)
    assert [(each.outcome, each.detail) for each in found] == [("refused", "401 Unauthorized")] * 2


async def test_a_stun_server_tells_our_address(server):
    [found] = await reach(IceServer((f"stun:127.0.0.1:{server.port}",)))
    assert found.outcome == "ok" and found.detail.startswith("127.0.0.1:")


async def test_who_does_not_answer_is_waited_for_as_long_as_is_said():
    silent = bound("127.0.0.1", 0)
    url = f"127.0.0.1:{silent.getsockname()[1]}"
    began = time.monotonic()
    try:
        found = await reach(IceServer((f"stun:{url}", f"turn:{url}"), "ann", "x"), within=0.3)
    finally:
        silent.close()
    assert [each.outcome for each in found] == ["silent", "silent"] and time.monotonic() - began < 1.0


async def test_a_closed_port_and_what_aiortc_cannot_use_are_told_apart():
    urls = ("turn:127.0.0.1:1?transport=tcp", "stuns:127.0.0.1", "turn:[::1]:1")
    found = await reach(IceServer(urls, "ann", "x"))
    assert [each.outcome for each in found] == ["silent", "unsupported", "unsupported"]
