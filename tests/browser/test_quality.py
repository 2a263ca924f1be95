"""The sent picture in real Chromium: what the encoder was told, what a person chooses, what the panel says."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.conftest import camera, chromium, open_page, program
from tests.browser.link import linked
from tests.browser.test_call import consent, status_of, until

KEEP = """
  const Original = RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(...given) { super(...given); window.kept = this; }
  };
"""
"""The page keeps its connection to itself: it is kept for the test as well."""

VIDEO = "window.kept.getSenders().find((sender) => sender.track.kind === 'video')"
ENCODING = f"() => {VIDEO}.getParameters().encodings[0]"
WIDTH = f"""async (least) => {{
  const stats = [...(await {VIDEO}.getStats()).values()];
  const width = stats.find((entry) => entry.type === "outbound-rtp").frameWidth;
  return least[0] <= width && width <= least[1] ? width : null;
}}"""

WARM_UP = 8
"""Seconds after which the page takes a lack of bandwidth at its word."""


async def sent(page, least, most):
    """Wait until the picture sent is so many pixels wide."""
    await page.wait_for_function(WIDTH, arg=[least, most], timeout=10_000, polling=250)


@pytest.mark.soak
async def test_the_encoder_follows_the_choice_and_the_panel_tells(tmp_path, devices, screenshots):
    with program(tmp_path / "data", QUALITY="high") as server:
        flags = camera(devices.smiling, devices.speech)
        async with chromium(tmp_path / "profile", *flags, width=1440, height=900) as context:
            await context.add_init_script(KEEP)
            page = await open_page(context, server.http)
            await consent(page, recording=False)
            await page.click("#start-camera")
            await expect(page.locator("#connection")).to_have_attribute(
                "data-verdict", "good", timeout=15_000
            )
            encoding = await page.evaluate(ENCODING)
            assert encoding["maxBitrate"] == 2_500_000 and encoding["maxFramerate"] == 30
            assert encoding["scaleResolutionDownBy"] == 1
            await sent(page, 640, 640)
            await until(lambda: status_of(server)["sessions"][0]["quality"] == 0.9)

            await page.locator("#connection").press("Enter")
            await expect(page.locator("#connection-verdict")).to_have_text("The connection is good.")
            await expect(page.locator("[data-figure=picture]")).to_contain_text("640 × 480")
            await expect(page.locator("[data-figure=bitrate]")).to_contain_text("bit/s")
            await expect(page.locator("[data-figure=shown]")).to_contain_text("ms", timeout=8000)

            await page.locator("#profiles [value=low]").check()
            await sent(page, 320, 420)
            await expect(page.locator("[data-figure=picture]")).not_to_contain_text("640")
            encoding = await page.evaluate(ENCODING)
            assert encoding["maxBitrate"] == 300_000 and encoding["maxFramerate"] == 10
            await until(lambda: status_of(server)["sessions"][0]["quality"] == 0.4)
            await page.screenshot(path=screenshots / "connection.png")

            await page.keyboard.press("Escape")
            await expect(page.locator("#connection-panel")).to_be_hidden()
            await page.reload()
            await page.click("#connection")
            await expect(page.locator("#profiles [value=low]")).to_be_checked()
            await expect(page.locator("#figures")).to_be_hidden()
            assert page.errors == []


LISTEN = """
  const send = RTCDataChannel.prototype.send;
  RTCDataChannel.prototype.send = function (text) {
    const message = JSON.parse(text);
    if (message.type === "ping") {
      window.heard?.(Math.sign(message.quality - window.quality));
      window.quality = message.quality;
    }
    return send.call(this, text);
  };
"""
"""The quality in use, as each ping tells it."""

STEP = """(way) => new Promise((done) => {
  const began = performance.now();
  window.heard = (stepped) => { if (stepped === way) done((performance.now() - began) / 1000); };
})"""
DOWN, UP = -1, 1


async def step(page, way, within):
    """Wait for the next step this way, at most so many seconds; the seconds until it."""
    async with asyncio.timeout(within):
        return await page.evaluate(STEP, way)


@pytest.mark.soak
async def test_the_picture_steps_down_with_each_trouble_of_the_link_and_up_again_after(tmp_path, devices):
    # Loss comes first: later the browser sends too little for a share of it to be counted well. After the first trouble
    # the page waits twice as long with each climb that the next one undid.
    troubles = {"loss": (0.15, 20), "delay": (0.2, 40), "rate": (150_000.0, 40)}
    with program(tmp_path / "data") as server:
        async with chromium(tmp_path / "profile", *camera(devices.smiling, devices.speech)) as context:
            await context.add_init_script(LISTEN)
            page = await open_page(context, server.http)
            async with linked(page) as link:
                await page.click("#start-camera")
                await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
                await asyncio.sleep(WARM_UP)
                for name, (value, over_within) in troubles.items():
                    setattr(link, name, value)
                    assert await step(page, DOWN, within=20) <= 2.5, name
                    setattr(link, name, 0.0)
                    # Nothing else is wrong, then, when the next one begins.
                    await step(page, UP, over_within)
                await page.click("#stop-camera")
