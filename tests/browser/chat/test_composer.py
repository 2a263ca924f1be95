"""Where the person writes, and the switch that tells the assistant how they seem."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.chat.page import ELSEWHERE, HERE, accepted, delta, done

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_before_a_call_the_composer_says_what_to_do_first(chat):
    await expect(chat.page.locator("#chat-text")).to_be_disabled()
    await expect(chat.page.locator("#chat-text")).to_have_attribute(
        "placeholder", "Start the camera to talk."
    )
    await expect(chat.page.locator("#chat-send")).to_be_disabled()
    await chat.start()
    await expect(chat.page.locator("#chat-text")).to_be_enabled()


async def test_shift_and_enter_break_the_line_and_an_input_method_keeps_its_enter(chat):
    await chat.start()
    text = chat.page.locator("#chat-text")
    await text.type("one")
    await text.press("Shift+Enter")
    await text.evaluate("""e => e.dispatchEvent(new KeyboardEvent("keydown",
        { key: "Enter", isComposing: true, bubbles: true, cancelable: true }))""")
    await expect(text).to_have_value("one\n")
    assert await chat.sent("chat") == []


async def test_the_composer_grows_to_six_lines_and_shrinks_again(chat):
    await chat.start()
    text = chat.page.locator("#chat-text")

    async def height(lines):
        await text.fill("\n".join(["line"] * lines))
        return (await text.bounding_box())["height"]

    one, three, six, sixty = [await height(lines) for lines in (1, 3, 6, 60)]
    assert one < three < six == pytest.approx(sixty, abs=1) and await height(1) == one


async def test_an_answer_under_way_can_be_stopped_by_its_button_or_by_escape(chat):
    await chat.start()
    first = await chat.say("one")
    await chat.serve(accepted(first), delta(first, "The be"))
    await chat.page.click("#chat-stop")
    await expect(chat.page.locator("#chat-text")).to_be_focused()
    await chat.page.press("#chat-text", "Escape")
    assert [m["message_id"] for m in await chat.sent("chat_stop")] == [first, first]
    await chat.serve(done(first, "The be", "<p>The be</p>", finish="stopped"))
    await expect(chat.page.locator(".answer .foot-note")).to_contain_text("stopped")
    await expect(chat.page.locator("#chat-stop")).to_be_hidden()
    await chat.page.press("#chat-text", "Escape")
    assert len(await chat.sent("chat_stop")) == 2


@pytest.mark.parametrize(("provider", "told"), [(HERE, True), (ELSEWHERE, False)])
async def test_the_assistant_is_told_how_one_seems_at_first_only_where_that_stays_here(chat, provider, told):
    chat.provider = provider
    await chat.start()
    await chat.say("Hi")
    switch = chat.page.locator("#chat-mood")
    await switch.set_checked(not told)
    await chat.say("Hi again")
    assert [m["mood"] for m in await chat.sent("chat")] == [told, not told]
    await chat.page.reload()
    await chat.start()
    assert await switch.is_checked() is not told


async def test_what_is_kept_is_said_before_anything_is(chat):
    await expect(chat.page.locator("#consent-analysis-hint")).to_contain_text(
        "labels stay in the server's history"
    )
    await expect(chat.page.locator("#chat-empty-hint")).to_contain_text("kept in the server's history")


@pytest.mark.parametrize("provider", [HERE, ELSEWHERE])
async def test_the_hint_is_true_whether_the_assistant_is_told_or_not(chat, provider):
    chat.provider = provider
    await chat.start()
    for told in (True, False):
        await chat.page.locator("#chat-mood").set_checked(told)
        await expect(chat.page.locator("#chat-hint")).to_contain_text("While this is on")


async def test_without_analysis_the_assistant_is_told_nothing(chat):
    await chat.start(analysis=False)
    await expect(chat.page.locator("#chat-mood")).to_be_disabled()
    await expect(chat.page.locator("#chat-hint")).to_contain_text("Analyse my expression")
    await chat.say("Hi")
    assert [m["mood"] for m in await chat.sent("chat")] == [False]


async def test_a_message_over_the_limit_is_counted_and_kept_from_being_sent(chat):
    chat.characters = 20
    await chat.start()
    await chat.page.fill("#chat-text", "😀" * 19)
    await expect(chat.page.locator("#chat-count")).to_have_text("1 left")
    await chat.page.fill("#chat-text", "😀" * 22)
    await expect(chat.page.locator("#chat-count")).to_have_text("2 too many")
    await expect(chat.page.locator("#chat-send")).to_be_disabled()
    await chat.page.press("#chat-text", "Enter")
    assert await chat.sent("chat") == []
