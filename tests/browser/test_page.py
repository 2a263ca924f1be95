"""The page by itself: it reads the protocol's golden examples, fits any screen and is guarded while it loads."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.browser.conftest import DEVICES, GRANT, chromium, open_page, program

GOLDEN = json.loads((Path(__file__).parent.parent / "golden" / "messages.json").read_text())

REPLAY = """async ([prefix, messages]) => {
  const { parse, serialise, hello } = await import(prefix + "js/protocol.js");
  const { reduce } = await import(prefix + "js/reduce.js");
  const { initialState } = await import(prefix + "js/state.js");
  let state = initialState("en");
  const read = [];
  for (const message of messages) {
    const parsed = parse(JSON.stringify(message));
    read.push(parsed && parsed.type);
    state = reduce(state, parsed, Date.now());
  }
  return { read, hello: JSON.parse(serialise(hello("en", { analysis: true, recording: false }, ["gpu.lan"]))),
           emotion: state.result.emotion, clips: state.clips.map((clip) => clip.name),
           label: state.clipEmotions, notice: state.notice.code, problem: state.problem.code,
           queue: state.queue.video_frames,
           chat: [state.chat.provider.code, state.chat.history.code], unknown: parse('{"type": "teleport"}') };
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with program(tmp_path_factory.mktemp("data")) as running:
        yield running


async def test_the_page_reads_every_golden_example_of_the_server(tmp_path, server):
    async with chromium(tmp_path / "profile") as context:
        page = await open_page(context, server.http)
        prefix = await page.evaluate(
            "() => document.querySelector('script[type=module]').src.split('js/')[0]"
        )
        told = await page.evaluate(REPLAY, [prefix, GOLDEN["server"]])
        (clip,) = [m["video_name"] for m in GOLDEN["server"] if m["type"] == "clip_saved"]
        assert told["read"] == [m["type"] for m in GOLDEN["server"]]
        hello = next(m for m in GOLDEN["page"] if m["type"] == "hello")
        version = told["hello"]["consent_version"]  # another with every change of the words
        assert re.fullmatch(r"\d+-[0-9a-f]{8}", version)
        assert told["hello"] == hello | {"consent_version": version}
        assert (told["emotion"], told["clips"], told["label"]) == ("happy", [clip], {clip: "happy"})
        assert (told["notice"], told["problem"]) == ("clips_unwritable", "consent_required")
        assert told["chat"] == ["chat_wrong_key", "history_locked"]
        assert told["queue"] == 291 and told["unknown"] is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_runs_over_the_side_of_a_screen(tmp_path, server, scheme):
    async with chromium(tmp_path / "profile", color_scheme=scheme) as context:
        page = await open_page(context, server.http)
        for width in (320, 360, 768, 1024, 1920):
            await page.set_viewport_size({"width": width, "height": 800})
            await page.reload()
            assert await page.evaluate("() => innerWidth") == width
            assert await page.evaluate("() => document.documentElement.scrollWidth") <= width
        assert page.errors == []


async def test_a_call_can_be_started_with_the_keyboard_alone(tmp_path, server):
    async with chromium(tmp_path / "profile", GRANT, DEVICES) as context:
        page = await open_page(context, server.http)
        await page.locator("#consent-analysis").focus()
        await page.keyboard.press("Space")
        assert await page.locator("#consent-analysis").is_checked()
        await page.locator("#start-camera").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#connection[data-state=connected]")
        assert await page.evaluate("() => document.activeElement.id") == "stop-camera"


async def test_boxes_and_button_wait_for_the_script_that_hears_them(tmp_path, server):
    async with chromium(tmp_path / "profile") as context:
        await context.route("**/js/main.js", lambda route: route.abort())
        page = await open_page(context, server.http)
        for selector in ("#consent-analysis", "#consent-recording", "#start-camera"):
            assert await page.locator(selector).is_disabled()
