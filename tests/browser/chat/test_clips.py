"""The list of clips beside the call: it keeps still for who picks one, shows one expression's, and hands clips out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="package")

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "messages.json").read_text())["server"]
RESULT = next(message for message in GOLDEN if message["type"] == "emotion_result")
SAVED = next(message for message in GOLDEN if message["type"] == "clip_saved")


def name(second):
    return f"20261124T0541{second:02d}.000_4f2a91c0d3e8.webm"


async def save(chat, second, emotion="happy"):
    await chat.serve(
        RESULT | {"video_name": name(second), "window_end": float(second), "emotion": emotion},
        SAVED | {"video_name": name(second), "url": f"/videos/{name(second)}", "thumbnail": None},
    )


@pytest_asyncio.fixture(loop_scope="package")
async def rows(chat):
    await chat.start()
    await chat.page.click("#tab-clips")
    for second, emotion in ((1, "happy"), (2, "sad")):
        await save(chat, second, emotion)
    return chat.page.locator("#clips > li:not([hidden])")


async def test_the_list_keeps_still_below_a_pointer_and_goes_on_when_it_has_left(chat, rows):
    await rows.nth(1).hover()
    await save(chat, 3)
    await expect(chat.page.locator("#clips-tally")).to_have_text("3")
    await expect(rows).to_have_count(2)
    await chat.page.mouse.move(0, 0)
    await expect(rows).to_have_count(3)
    await expect(rows.first).to_have_attribute("data-name", name(3))


async def test_the_clips_of_one_expression_are_shown_alone(chat, rows):
    chooser = chat.page.locator("#clips-filter")
    await chooser.select_option("sad")
    await expect(rows).to_have_count(1)
    await save(chat, 3, "sad")
    await save(chat, 4, "happy")
    await expect(rows).to_have_count(2)
    await chooser.select_option("")
    await expect(rows).to_have_count(4)


async def test_a_clip_is_handed_out_as_recorded_and_as_mp4(chat, rows):
    await chat.page.route("**/videos/**", lambda route: route.fulfill(status=200, body=b""))
    await rows.first.locator("button").click()
    links = chat.page.locator(".player-downloads a")
    handed = [
        (await link.get_attribute("href"), await link.get_attribute("download")) for link in await links.all()
    ]
    url = f"/videos/{name(2)}"
    assert handed == [(url, name(2)), (f"{url}?format=mp4", name(2).replace("webm", "mp4"))]


async def test_a_clip_is_deleted_once_that_is_confirmed(chat, rows):
    asked = []

    async def answer(route):
        if route.request.method == "DELETE":
            asked.append((route.request.url.rsplit("/", 1)[1], route.request.headers["authorization"]))
            await route.fulfill(status=204)
        else:
            await route.fulfill(status=200, body=b"")

    await chat.page.route("**/videos/**", answer)
    await rows.first.locator("button").click()
    await chat.page.click("#player-delete")
    assert asked == []
    await chat.page.click("#player-sure .sure-yes")
    await expect(chat.page.locator("#player-panel")).to_be_hidden()
    await chat.page.mouse.move(0, 0)
    await expect(rows).to_have_count(1)
    assert asked == [(name(2), "Bearer t")]
