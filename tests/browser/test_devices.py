"""The camera and microphone of a call in real Chromium, before it and in it, and a connection that comes back."""

from __future__ import annotations

import re
import signal

import pytest
from playwright.async_api import expect

from tests.browser.conftest import DEVICES, GRANT, chromium, open_page, program
from tests.browser.test_call import consent, status_of, until

TWO_CAMERAS = [GRANT, f"{DEVICES}=device-count=2"]
HOLD_PEERS = """
    window.peers = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(...given) { super(...given); window.peers.push(this); }
    };
"""
SENT = """async (kind) => {
    const sender = window.peers.at(-1).getSenders().find((one, index) => (kind === 'audio') === (index === 0));
    const stats = [...(await window.peers.at(-1).getStats()).values()];
    const sent = stats.find((one) => one.type === 'outbound-rtp' && one.kind === kind);
    const { track } = sender;
    return {
        device: track && track.getSettings().deviceId, live: track && track.readyState === 'live',
        enabled: track && track.enabled, packets: sent.packetsSent,
    };
}"""


async def sent(page, kind):
    """What the page's newest connection sends of this kind."""
    return await page.evaluate(SENT, kind)


async def sends_more(page, kind):
    before = (await sent(page, kind))["packets"]
    await page.wait_for_function(
        f"async (before) => (await ({SENT})('{kind}')).packets > before + 3", arg=before, timeout=5000
    )


async def test_devices_are_tried_before_anything_is_sent_and_remembered(tmp_path, screenshots):
    with program(tmp_path / "data") as server:
        async with chromium(tmp_path / "profile", *TWO_CAMERAS, width=1440, height=900) as context:
            page = await open_page(context, server.http)
            await expect(page.locator("#before")).to_contain_text("embedded, on the server")
            await page.click("#try-devices")
            await expect(page.locator("#devices-hint")).to_have_text(
                "Only you see this. Nothing is sent yet."
            )
            await expect(page.locator("#connection")).to_have_attribute("data-state", "idle")
            await page.wait_for_function(
                "() => document.querySelector('#level-fill').value > 0.3"
            )  # the fake's beep
            await page.wait_for_function("() => document.querySelector('#level-fill').value < 0.5")
            await expect(page.locator("#camera option")).to_have_count(2)
            other = await page.locator("#camera option").nth(1).get_attribute("value")
            await page.select_option("#camera", other)
            shown = (
                "document.querySelector('#preview').srcObject?.getVideoTracks()[0]?.getSettings().deviceId"
            )
            await page.wait_for_function(f"(other) => {shown} === other", arg=other)
            await page.screenshot(path=screenshots / "try.png")
            assert status_of(server)["sessions"] == []

            await page.evaluate("window.tried = document.querySelector('#preview').srcObject")
            await page.click("#start-camera")
            await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
            await expect(page.locator("#before")).to_be_hidden()
            assert await page.evaluate("window.tried === document.querySelector('#preview').srcObject")
            await page.click("#stop-camera")
            assert await page.evaluate("window.tried.active") is False

            await page.reload()
            await page.click("#start-camera")
            await page.wait_for_function(f"(other) => {shown} === other", arg=other)
            await page.click("#open-devices")
            await expect(page.locator("#camera")).to_have_value(other)
            assert page.errors == []


async def test_devices_are_switched_and_switched_off_in_a_call_without_a_new_offer(tmp_path, screenshots):
    with program(tmp_path / "data") as server:
        async with chromium(tmp_path / "profile", *TWO_CAMERAS, width=390, height=844) as context:
            await context.add_init_script(HOLD_PEERS)
            page = await open_page(context, server.http)
            offers = []
            page.on(
                "request", lambda request: offers.append(request.url) if "/offer" in request.url else None
            )
            await page.click("#start-camera")
            await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
            first = (await sent(page, "video"))["device"]
            await page.click("#open-devices")
            other = await page.locator("#camera option").nth(1).get_attribute("value")
            await page.select_option("#camera", other)
            await page.wait_for_function(
                f"async (other) => (await ({SENT})('video')).device === other", arg=other
            )
            assert first != other
            await sends_more(page, "video")

            await page.keyboard.press("Escape")
            await page.locator("#toggle-audio").focus()
            await page.keyboard.press("m")
            await expect(page.locator("#level-muted")).to_be_visible()
            assert (await sent(page, "audio"))["enabled"] is False
            await page.keyboard.press("v")
            await expect(page.locator("#placeholder-title")).to_have_text("Your camera is switched off")
            assert (await sent(page, "video"))["device"] is None
            await page.screenshot(path=screenshots / "switched-off.png")
            await page.keyboard.press("m")
            await page.keyboard.press("v")
            await expect(page.locator("#preview")).to_be_visible()
            await sends_more(page, "video")
            assert (await sent(page, "video"))["device"] == other
            assert (await sent(page, "audio"))["enabled"] is True

            await page.click("#tab-chat")
            await page.locator("#chat-text").press_sequentially("mmv")
            assert (await sent(page, "audio"))["enabled"] is True
            assert len(offers) == 1 and page.errors == []


@pytest.mark.parametrize("recording", [pytest.param(False, marks=pytest.mark.soak), True])
async def test_a_page_whose_server_starts_again_connects_by_itself_and_says_so(
    tmp_path, screenshots, recording
):
    async with chromium(tmp_path / "profile", *TWO_CAMERAS) as context:
        with program(tmp_path / "data") as server:
            page = await open_page(context, server.http)
            await consent(page, analysis=True, recording=recording)
            await page.click("#start-camera")
            await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
            if recording:
                await page.click("#start-recording")
                await expect(page.locator("#sign-recording")).to_be_visible()
            await page.click("#pause-analysis")
            await expect(page.locator("#sign-analysing")).to_have_attribute("data-state", "paused")
        await expect(page.locator("#reconnecting-words")).to_have_text(
            "The server has stopped. Calling until it is back…"
        )
        await expect(page.locator("#connection")).to_have_attribute("data-state", "reconnecting")
        await expect(page.locator("#preview")).to_be_visible()
        await expect(page.locator("#reconnecting-attempt")).to_have_text(re.compile(r"\(([2-9]|\d\d+)\)"))
        await page.screenshot(path=screenshots / "reconnecting.png")
        with program(tmp_path / "data", HTTP_PORT=server.http.rsplit(":", 1)[1]) as server:
            code = "reconnected_recording" if recording else "reconnected"
            await expect(page.locator("#notice")).to_have_attribute("data-code", code, timeout=15_000)
            await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
            # What was paused stays so in the new session.
            await expect(page.locator("#sign-analysing")).to_have_attribute("data-state", "paused")
            await until(lambda: status_of(server)["sessions"][0]["recording"] is recording)
            assert status_of(server)["sessions"][0]["analysing"] is False


async def test_trying_again_ends_when_the_person_stops_the_camera(tmp_path):
    with program(tmp_path / "data") as server:
        async with chromium(tmp_path / "profile", *TWO_CAMERAS) as context:
            page = await open_page(context, server.http)
            await page.click("#start-camera")
            await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
            server.process.send_signal(signal.SIGSTOP)
            try:
                await expect(page.locator("#reconnecting")).to_be_visible(timeout=6000)
                await page.click("#stop-camera")
                await expect(page.locator("#connection")).to_have_attribute("data-state", "idle")
                await expect(page.locator("#preview")).to_be_hidden()
            finally:
                server.process.send_signal(signal.SIGCONT)
            await until(lambda: status_of(server)["sessions"] == [])
