"""The page in Chinese: switched in the middle of a call, down to what the server describes, and remembered."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import DEVICES, GRANT, camera, chromium, open_page, program

NAMES = re.compile(
    r"Mien|English|WebRTC|WebM|MP4|AAC|JSON|iPhone|OPENAI_API_(KEY|BASE)|embedded|localhost|videos/|recordings/|VLC|CSV|kbit|QuickTime|Windows|Language|http"
)
"""What is written the same in every language."""

SEEN = """() => {
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!["SCRIPT", "TEMPLATE", "NOSCRIPT", "OPTION"].includes(parent.tagName)) texts.push(walker.currentNode.data);
  }
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
    for (const name of ["aria-label", "title", "placeholder"]) texts.push(element.getAttribute(name) ?? "");
  }
  return texts;
}"""


def english(texts):
    """What of it has an English word of four letters or more."""
    return [text for text in texts if re.search(r"[A-Za-z]{4,}", NAMES.sub("", text))]


async def test_the_page_changes_its_language_in_a_call_and_remembers_it(tmp_path, devices):
    with program(tmp_path / "data", EMOTION_ENGINES="embedded") as server:
        async with chromium(tmp_path / "profile", *camera(devices.smiling, devices.speech)) as context:
            page = await open_page(context, server.http)
            await page.check("#consent-analysis")
            await page.check("#consent-recording")
            await page.click("#start-camera")
            await expect(page.locator("#label")).to_have_text("Happy", timeout=8000)
            await page.click("#start-recording")
            await expect(page.locator("#clips li")).not_to_have_count(0, timeout=8000)
            assert len(english(await page.evaluate(SEEN))) > 50

            await page.select_option("#language", "zh")
            await expect(page.locator("#label")).to_have_text("开心")
            await expect(page.locator("#description")).to_have_text(
                re.compile(r"^[^A-Za-z]{4,}$"), timeout=5000
            )
            assert english(await page.evaluate(SEEN)) == []
            assert await page.evaluate("() => document.documentElement.lang") == "zh-CN"
            assert await page.evaluate("() => document.body.dataset.connection") == "connected"

            await page.click("#stop-camera")
            await page.reload()
            await expect(page.locator("#start-camera")).to_have_text("打开摄像头")
            await page.select_option("#language", "en")
            await expect(page.locator("#start-camera")).to_have_text("Start camera")
            assert page.errors == []


@pytest.mark.parametrize("path", ["/library", "/sessions", "/sessions/0a1b2c3d4e5f", "/monitor"])
async def test_other_pages_begin_in_the_browsers_language(tmp_path, path):
    with program(tmp_path / "data", EMOTION_ENGINES="embedded") as server:
        async with chromium(tmp_path / "profile", locale="zh-CN") as context:
            page = context.pages[0]
            await page.goto(server.http + path)
            await expect(page.locator("h1").first).to_have_text(re.compile("[一-龥]"))
            assert english(await page.evaluate(SEEN)) == []


async def test_why_an_engine_does_not_answer_is_said_in_chinese_with_the_servers_words_beside_it(
    tmp_path, screenshots
):
    missing = {"EMOTION_ENGINES": "qwen,embedded", "QWEN_MODEL_PATH": str(tmp_path / "nowhere")}
    with program(tmp_path / "data", **missing) as server:
        async with chromium(tmp_path / "profile", GRANT, DEVICES, locale="zh-CN") as context:
            page = await open_page(context, f"{server.http}/monitor")
            row = page.locator("[data-engine=qwen]")
            await expect(row).to_contain_text("缺少模型权重 — no weights at QWEN_MODEL_PATH", timeout=15_000)
            await page.screenshot(path=screenshots / "faults-monitor.png")
            page = await open_page(context, server.http)
            await page.check("#consent-analysis")
            await page.click("#start-camera")
            fine = page.locator("#fine")
            await expect(fine).to_contain_text("（qwen: 缺少模型权重）", timeout=15_000)
            await page.click("#engines summary")
            reason = page.locator("[data-engine=qwen] .engine-reason")
            await expect(reason).to_have_text("缺少模型权重")
            assert "QWEN_MODEL_PATH" in await reason.get_attribute("title")
            await page.screenshot(path=screenshots / "faults-call.png", full_page=True)
            await page.click("#stop-camera")
            assert page.errors == []
