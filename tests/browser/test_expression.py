"""The live expression in a real call: the outline lies around the face, and a screen reader hears of what lasts."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import camera, chromium, open_page, program

FACE = 200 / 640
"""Width of the face in the camera's picture, in whose middle it is, as a share of the picture's."""


async def test_the_outline_lies_around_the_face_until_it_is_switched_off(tmp_path, devices):
    with program(tmp_path / "data", EMOTION_ENGINES="embedded") as server:
        async with chromium(tmp_path / "profile", *camera(devices.smiling, devices.speech)) as context:
            page = await open_page(context, server.http)
            await page.check("#consent-analysis")
            await page.click("#start-camera")
            outline = page.locator("#outline")
            await expect(outline).to_be_visible(timeout=8000)
            picture, face = await page.locator("#preview").bounding_box(), await outline.bounding_box()
            wide = face["width"] / picture["width"]
            across = (face["x"] + face["width"] / 2 - picture["x"]) / picture["width"]
            down = (face["y"] + face["height"] / 2 - picture["y"]) / picture["height"]
            assert FACE * 0.8 < wide < FACE * 1.8
            assert abs(across - 0.5) < 0.08 and abs(down - 0.5) < 0.15

            await expect(page.locator("#announced")).to_contain_text("appy", timeout=8000)
            await page.click("#outline-switch")
            await expect(outline).to_be_hidden()
            await page.reload()  # the call goes on by itself
            await expect(page.locator("#label")).to_have_attribute("data-emotion", "happy", timeout=8000)
            await expect(outline).to_be_hidden()
            assert page.errors == []
