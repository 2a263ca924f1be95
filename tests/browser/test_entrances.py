"""The ways in, in a browser: the code of an invitation is entered by itself, and seen by nobody."""

from __future__ import annotations

import pytest

from tests.browser.conftest import chromium, program

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with program(tmp_path_factory.mktemp("data")) as running:
        if not running.lan:
            pytest.skip("this machine has no address on a network")
        yield running


async def test_an_invitation_opens_the_call_and_its_code_stays_out_of_every_address(tmp_path, server):
    lan = server.lan[0]
    async with chromium(tmp_path / "profile", ignore_https_errors=True) as context:
        asked = []
        context.on("request", lambda request: asked.append((request.url, request.headers)))
        page = context.pages[0]
        await page.goto(f"{lan}/code#{server.code}")
        await page.wait_for_selector("#start-camera")
        assert page.url == f"{lan}/"
        assert asked and not any(server.code in f"{url} {headers}" for url, headers in asked)
        await page.go_back()
        assert server.code not in page.url


async def test_a_wrong_code_is_said_once_and_the_right_one_may_follow(tmp_path, server):
    async with chromium(tmp_path / "profile", ignore_https_errors=True) as context:
        page = context.pages[0]
        await page.goto(f"{server.lan[0]}/code#wrong")
        await page.wait_for_selector("#code-error")
        assert page.url == f"{server.lan[0]}/code"
        await page.evaluate("code => { location.hash = code; }", server.code)
        await page.wait_for_selector("#start-camera")
        assert page.url == f"{server.lan[0]}/"


@pytest.mark.parametrize("path", ["/trust", "/join"])
async def test_on_a_phone_nothing_is_wider_than_the_screen(tmp_path, server, path):
    async with chromium(tmp_path / "profile", width=360, height=740) as context:
        page = context.pages[0]
        await page.goto(server.http + path)
        assert await page.evaluate("() => document.documentElement.scrollWidth") == 360
