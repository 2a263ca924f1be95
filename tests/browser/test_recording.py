"""The recording of a whole call on the pages: it appears, plays and can be sought in, and is deleted."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.conftest import camera, chromium, open_page, program
from tests.browser.test_call import consent

PLAYED = """async (url) => {
  const video = document.createElement("video");
  video.muted = true;
  const heard = (name) => new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, { once: true });
    video.addEventListener("error", () => reject(new Error(video.error.message)), { once: true });
  });
  let next = heard("loadedmetadata");
  video.src = url;
  await next;
  next = heard("seeked");
  video.currentTime = video.duration - 1;
  await next;
  return [video.duration, video.currentTime, video.videoWidth];
}"""


@pytest.mark.parametrize("codec", [pytest.param("VP8", marks=pytest.mark.soak), "H264"])
async def test_a_recorded_call_is_listed_played_and_deleted(tmp_path, devices, codec):
    flags = camera(devices.smiling, devices.speech)
    with program(tmp_path / "data", VIDEO_CODEC=codec) as server:
        async with chromium(tmp_path / "profile", *flags, width=1440, height=900) as context:
            page = await open_page(context, server.http)
            await page.click("#start-camera")
            await consent(page)
            await page.click("#start-recording")
            await asyncio.sleep(4)
            await page.click("#stop-recording")
            row = page.locator("#recordings li")
            await expect(row).to_have_count(1, timeout=15_000)
            href = await row.locator("a").get_attribute("href")
            duration, at, width = await page.evaluate(PLAYED, href)
            assert 2.0 < duration < 15.0 and at == pytest.approx(duration - 1, abs=0.05) and width > 0
            session_id = href.rpartition("_")[2].partition(".")[0]
            review = await context.new_page()
            await review.goto(f"{server.http}/sessions/{session_id}")
            await expect(review.locator("#recordings li a")).to_have_attribute("href", href)
            await review.close()
            await row.locator("button").first.click()
            await row.locator(".sure-yes").click()
            await expect(row).to_have_count(0)
            assert list((server.data / "recordings").iterdir()) == []
            assert page.errors == []
