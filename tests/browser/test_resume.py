"""A call that is interrupted goes on: after a break of the network, and after a reload of its page."""

from __future__ import annotations

import time

import pytest
from playwright.async_api import expect

from tests.browser.conftest import camera, chromium, open_page, program
from tests.browser.network import network, why_not
from tests.browser.test_call import call_of, consent, status_of, until


async def begin(page):
    await consent(page)
    await page.click("#start-camera")
    await expect(page.locator("#label")).to_have_attribute("data-emotion", "happy", timeout=15_000)
    await page.click("#start-recording")
    await expect(page.locator("#clips li")).not_to_have_count(0, timeout=8000)


async def test_a_reloaded_page_goes_on_with_its_call_clips_and_recording(tmp_path, devices, screenshots):
    with program(tmp_path / "data") as server:
        async with chromium(tmp_path / "profile", *camera(devices.smiling, devices.speech)) as context:
            page = await open_page(context, server.http)
            await begin(page)
            before = call_of(server)
            clips = await page.locator("#clips li").count()
            await page.reload()
            await expect(page.locator("#notice")).to_have_attribute("data-code", "resumed", timeout=8000)
            await expect(page.locator("#sign-recording")).to_be_visible()
            assert await page.locator("#clips li").count() >= clips
            await expect(page.locator("#label")).to_have_attribute("data-emotion", "happy", timeout=8000)
            await page.screenshot(path=screenshots / "resumed.png")
            after = call_of(server)
            assert after["session_id"] == before["session_id"] and after["state"] == "connected"
            assert after["recording"] and after["clips_saved"] >= before["clips_saved"]
            await page.click("#stop-camera")
            await until(lambda: status_of(server)["sessions"] == [])
            await page.reload()
            await page.wait_for_timeout(500)
            await expect(page.locator("#connection")).to_have_attribute("data-state", "idle")
            assert status_of(server)["sessions"] == [] and page.errors == []


@pytest.mark.soak
async def test_a_phone_that_loses_the_network_is_back_in_its_call_soon_after_the_network_is(
    tmp_path, devices
):
    if reason := why_not():
        pytest.skip(reason)
    with network(1) as (host, (phone,)), program(tmp_path / "data", *host.within) as server:
        async with chromium(
            tmp_path / "profile",
            *camera(devices.smiling, devices.speech),
            executable_path=phone.browser(tmp_path),
            ignore_https_errors=True,
        ) as context:
            page = await open_page(context, f"{server.lan[0]}/code#{server.code}")
            await expect(page).to_have_url(f"{server.lan[0]}/")
            await begin(page)
            session = await page.evaluate(
                "async () => (await (await fetch('/status')).json()).sessions[0].session_id"
            )
            phone.run("ip", "link", "set", "lan", "down")
            await expect(page.locator("#connection")).to_have_attribute(
                "data-state", "reconnecting", timeout=8000
            )
            await page.wait_for_timeout(4000)
            phone.run("ip", "link", "set", "lan", "up")
            back = time.monotonic()
            await expect(page.locator("#notice")).to_have_attribute("data-code", "resumed", timeout=10_000)
            took = time.monotonic() - back
            print(f"\nback in the call {took:.2f} s after the network was")
            status = await page.evaluate("async () => (await (await fetch('/status')).json()).sessions")
            assert [each["session_id"] for each in status] == [session] and status[0]["recording"]
            assert took < 1.5
