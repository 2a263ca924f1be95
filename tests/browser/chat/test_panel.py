"""The chat as a part of the page: who answers, its place beside the call, and its tabs."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.chat.page import ELSEWHERE, HERE, accepted, chat_page, done, failed

pytestmark = pytest.mark.asyncio(loop_scope="package")

WIDTHS = [320, 360, 390, 768, 1024, 1440, 1920]


@pytest.mark.parametrize(
    ("provider", "said"),
    [
        (HERE, "qwen3:8b on this machine"),
        (ELSEWHERE, "gpt-5-mini at api.openai.com: what you write goes there"),
        (HERE | {"available": False, "code": "chat_no_key"}, "set OPENAI_API_KEY, or OPENAI_API_BASE"),
        (HERE | {"available": False, "reason": "being started", "model": None}, "Looking for the assistant"),
        (HERE | {"available": False, "code": "chat_new", "reason": "It snows."}, "It snows."),
    ],
)
async def test_who_answers_is_known_before_a_call(context, server, provider, said):
    async with chat_page(context, server.http, config=provider) as chat:
        await expect(chat.page.locator("#chat-provider")).to_contain_text(said)


async def test_a_history_that_cannot_be_written_is_said_and_what_is_not_kept_is_marked(chat):
    chat.history = {"available": False, "code": "history_locked", "reason": "another program writes to it"}
    await chat.start()
    await expect(chat.page.locator("#chat-history")).to_have_text(
        "The history cannot be written (another program holds it). The conversation goes on."
    )
    told = await chat.say("Hi")
    await chat.serve(accepted(told, kept=False))
    await expect(chat.page.locator(".question .foot-note")).to_contain_text("not kept in the history")


async def test_the_tabs_are_moved_through_by_arrows_and_a_dot_tells_of_an_answer_behind_them(chat):
    await chat.start()
    told = await chat.say("Hi")
    await chat.page.locator("#tab-chat").press("ArrowRight")
    await expect(chat.page.locator("#tab-clips")).to_be_focused()
    await expect(chat.page.locator("#tab-clips")).to_have_attribute("aria-selected", "true")
    await expect(chat.page.locator("#clips-panel")).to_be_visible()
    await expect(chat.page.locator("#chat")).to_be_hidden()
    await chat.serve(accepted(told), done(told, "Hello", "<p>Hello</p>"))
    await expect(chat.page.locator("#chat-unread")).to_be_visible()
    await chat.page.locator("#tab-clips").press("ArrowRight")
    await expect(chat.page.locator("#tab-chat")).to_be_focused()
    await expect(chat.page.locator("#chat-unread")).to_be_hidden()
    await expect(chat.page.locator(".answer-html")).to_be_in_viewport()


async def test_who_begins_to_record_sees_the_clips_unless_they_are_talking(chat):
    await chat.start()
    await chat.serve(chat.status(recording=True))
    await expect(chat.page.locator("#clips-panel")).to_be_visible()
    await chat.page.click("#tab-chat")
    await chat.serve(chat.status())
    await chat.say("Hi")
    await chat.serve(chat.status(recording=True))
    await expect(chat.page.locator("#chat")).to_be_visible()


async def test_a_conversation_fits_any_screen_with_the_composer_in_sight(context, server):
    async with chat_page(context, server.http, config=ELSEWHERE) as chat:
        await chat.start()
        await chat.page.click("#tab-chat")
        wide = "<pre><code>" + "x" * 500 + "</code></pre>"
        for answer in ("w" * 300, "line\n" * 60):
            told = await chat.say("q" * 300)
            await chat.serve(accepted(told, mood="m" * 200), done(told, answer, f"<p>{answer}</p>{wide}"))
        await expect(chat.page.locator(".answer-html pre")).to_have_count(2)
        clips = chat.page.locator("#clips-panel")
        for width in WIDTHS:
            await chat.page.set_viewport_size({"width": width, "height": 740})
            assert await chat.page.evaluate("() => document.documentElement.scrollWidth") <= width
            await expect(chat.page.locator("#chat-send")).to_be_in_viewport(ratio=1)
            await expect(clips).to_be_visible(visible=width >= 1700)


async def test_targets_are_large_enough_for_a_finger(context, server):
    async with chat_page(context, server.http, width=390, height=844) as chat:
        await chat.start()
        await chat.page.click("#tab-chat")
        told = await chat.say("Hi")
        await chat.serve(accepted(told, mood="calm"), failed(told, "chat_cut_off", text="So"))
        await expect(chat.page.locator(".again")).to_be_visible()
        for target in ("#chat button:visible", "#chat .switch", "#chat summary", "#panels button"):
            for place in await asyncio.gather(
                *(t.bounding_box() for t in await chat.page.locator(target).all())
            ):
                assert place["width"] >= 24 and place["height"] >= 24, target
