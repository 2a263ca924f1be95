"""A server whose loopback callers can be made to look as if they came from the network."""

from __future__ import annotations

import ssl

import aiohttp
import pytest

from tests.server import serving


@pytest.fixture
async def server(tmp_path):
    async with serving(tmp_path, max_sessions=2) as server:
        yield server


@pytest.fixture
async def http(server):
    insecure = ssl.create_default_context()
    insecure.check_hostname, insecure.verify_mode = False, ssl.CERT_NONE
    connector = aiohttp.TCPConnector(ssl=insecure)
    async with aiohttp.ClientSession(
        server.url, connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True)
    ) as http:
        yield http
