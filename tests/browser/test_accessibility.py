"""What axe-core finds on each page, in both themes: nothing serious."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import camera, chromium, open_page, program

AXE = Path(__file__).parent.parent / "page" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = ("serious", "critical")

pytestmark = pytest.mark.skipif(
    not AXE.exists(), reason="axe-core is not installed: npm install --prefix tests/page"
)


async def found(page):
    await page.evaluate(AXE.read_text())
    report = await page.evaluate("tags => axe.run(document, { runOnly: tags })", RULES)
    return [
        (rule["id"], node["target"], node["failureSummary"])
        for rule in report["violations"]
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with program(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (360, 740)])
async def test_nothing_serious_stands_in_anybodys_way(tmp_path, server, devices, scheme, width, height):
    flags = camera(devices.smiling, devices.speech)
    async with chromium(
        tmp_path / "profile", *flags, width=width, height=height, color_scheme=scheme, reduced_motion="reduce"
    ) as context:
        page = await open_page(context, server.http)
        assert await found(page) == []
        await page.click("#consent-analysis")
        await page.click("#consent-recording")
        await page.click("#start-camera")
        await expect(page.locator("#label")).to_have_attribute("data-emotion", "happy", timeout=8000)
        await page.click("#start-recording")
        await expect(page.locator("#clips-tally, #clips-count").first).not_to_be_empty(timeout=8000)
        assert await found(page) == []
        await page.evaluate("() => document.querySelector('main').append(document.createElement('button'))")
        assert [rule for rule, *_ in await found(page)] == ["button-name"]  # it would have been found


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_serious_stands_in_the_way_on_other_pages(tmp_path, server, scheme):
    async with chromium(tmp_path / "profile", width=1024, height=800, color_scheme=scheme) as context:
        for path, ready in (
            ("/library", "h1"),
            ("/sessions", "h1"),
            ("/sessions/0a1b2c3d4e5f", "#ended:not([hidden])"),
            ("/monitor", ".engine-row"),
            ("/trust", "h1"),
            ("/join", "h1"),
        ):
            page = context.pages[0]
            await page.goto(server.http + path)
            await page.wait_for_selector(ready)
            assert await found(page) == [], path
