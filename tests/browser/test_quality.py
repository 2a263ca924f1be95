"""The sent picture in real Chromium: what the encoder was told, what a person chooses, what the panel says."""

from __future__ import annotations

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


async def sent(page, least, most):
    """Wait until the picture sent is so many pixels wide."""
    await page.wait_for_function(WIDTH, arg=[least, most], timeout=10_000, polling=250)


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


async def levels(page, seconds):
    """The qualities in use over some time, as (seconds, quality), five a second."""
    return await page.evaluate(
        """(seconds) => new Promise((done) => {
          const seen = [], began = performance.now();
          window.heard = (quality) => {
            const at = (performance.now() - began) / 1000;
            seen.push([at, quality]);
            if (at > seconds) done(seen);
          };
        })""",
        seconds,
    )


LISTEN = """
  const send = RTCDataChannel.prototype.send;
  RTCDataChannel.prototype.send = function (text) {
    const message = JSON.parse(text);
    if (message.type === "ping") window.heard?.(message.quality);
    return send.call(this, text);
  };
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "trouble", [{"delay": 0.2}, {"rate": 150_000.0}, {"loss": 0.15}], ids=lambda t: next(iter(t))
)
async def test_the_picture_steps_down_with_the_link_and_up_again_after(tmp_path, devices, trouble):
    with program(tmp_path / "data") as server:
        async with chromium(tmp_path / "profile", *camera(devices.smiling, devices.speech)) as context:
            await context.add_init_script(LISTEN)
            page = await open_page(context, server.http)
            async with linked(page) as link:
                await page.click("#start-camera")
                await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
                calm = (await levels(page, 10))[-1][1]
                for name, value in trouble.items():
                    setattr(link, name, value)
                worse = await levels(page, 4)
                assert min(at for at, quality in worse if quality < calm) <= 2.5
                for name in trouble:
                    setattr(link, name, 0.0)
                after = [quality for _, quality in await levels(page, 20)]
                assert after[-1] > min(after)
                await page.click("#stop-camera")
