"""One program and one browser for all tests of the chat's page."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from tests.browser.chat.page import caller, chat_page
from tests.browser.conftest import CHROMIUM, QUIET, program


@pytest.fixture(scope="package")
def server(tmp_path_factory):
    with program(tmp_path_factory.mktemp("data"), EMOTION_ENGINES="embedded") as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def context():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        async with caller(browser) as opened:
            yield opened
        await browser.close()


@pytest_asyncio.fixture(loop_scope="package")
async def chat(context, server):
    """A page that is not in a call yet."""
    async with chat_page(context, server.http) as opened:
        yield opened
