"""The turns of a conversation, from a question on its way to an answer that is over."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import expect

from tests.browser.chat.page import accepted, delta, done, failed

pytestmark = pytest.mark.asyncio(loop_scope="package")

MARKUP = "<script>window.bitten = 1</script><img src=x onerror='window.bitten = 2'>"


async def test_a_message_is_sent_by_enter_and_answered(chat):
    await chat.start()
    told = await chat.say("What is 2 < 3?\nExplain <b>briefly</b>.")
    (message,) = await chat.sent("chat")
    assert message["text"] == "What is 2 < 3?\nExplain <b>briefly</b>."
    await expect(chat.page.locator("#chat-text")).to_be_focused()
    await expect(chat.page.locator(".question-text")).to_have_text("What is 2 < 3?\nExplain <b>briefly</b>.")
    await expect(chat.page.locator(".question .foot-note")).to_have_text("sending…")
    await chat.serve(accepted(told), delta(told, "It **is"))
    await expect(chat.page.locator(".answer-plain")).to_have_text("It **is")
    await chat.serve(done(told, "It **is**.", "<p>It <strong>is</strong>.</p>"))
    await expect(chat.page.locator(".answer-html strong")).to_have_text("is")
    await expect(chat.page.locator(".answer-plain")).to_be_hidden()
    await expect(chat.page.locator(".answer .foot-note")).to_have_text("qwen3:8b · first word 180 ms")
    await expect(chat.page.locator("#chat-announcement")).to_have_text("The assistant answered: It is.")


async def test_messages_queue_and_say_how_many_are_before_them(chat):
    await chat.start()
    first, second, third = [await chat.say(text) for text in ("one", "two", "three")]
    await chat.serve(accepted(first), accepted(second, ahead=1), accepted(third, ahead=2), delta(first, "1"))
    notes = chat.page.locator(".question .foot-note")
    await expect(notes).to_have_text(["", "waits, 1 before it", "waits, 2 before it"])
    await chat.serve(done(first, "1", "<p>1</p>"))
    await expect(notes).to_have_text(["", "", "waits, 1 before it"])
    await expect(chat.page.locator(".answer-plain").nth(1)).to_have_text("thinking…")
    assert len({first, second, third}) == 3


async def test_a_failure_is_put_in_words_and_can_be_tried_again_under_a_new_id(chat):
    await chat.start()
    first = await chat.say("Hello?")
    await chat.serve(accepted(first), failed(first, "chat_unreachable"))
    await expect(chat.page.locator(".failure")).to_contain_text("cannot be reached")
    await chat.page.click(".again")
    one, other = await chat.sent("chat")
    assert one["text"] == other["text"] and one["message_id"] != other["message_id"]
    await expect(chat.page.locator(".again:visible")).to_have_count(0)


async def test_a_code_without_words_falls_back_to_the_words_of_the_server(chat):
    await chat.start()
    told = await chat.say("Hello?")
    await chat.serve(accepted(told), failed(told, "chat_moonquake", message="The moon shook."))
    await expect(chat.page.locator(".failure")).to_contain_text("The moon shook.")


async def test_a_refused_message_fails_by_itself_and_no_banner_comes_up(chat):
    await chat.start()
    told = await chat.say("Hello?")
    await chat.serve({"type": "error", "code": "chat_busy", "message": "Too many.", "message_id": told})
    await expect(chat.page.locator(".failure")).to_contain_text("Too many messages wait")
    await expect(chat.page.locator("#problem")).to_be_hidden()


async def test_markup_is_only_ever_made_of_what_the_server_cleaned(chat):
    await chat.start()
    told = await chat.say(MARKUP)
    await chat.serve(accepted(told, mood=MARKUP), delta(told, MARKUP))
    await expect(chat.page.locator(".answer-plain")).to_have_text(MARKUP)
    await chat.serve(done(told, MARKUP, "<p>clean</p>"))
    await expect(chat.page.locator(".answer-html")).to_have_text("clean")
    await expect(chat.page.locator(".question-text")).to_have_text(MARKUP)
    assert await chat.page.evaluate("() => window.bitten") is None
    other = await chat.say("again")
    await chat.serve(failed(other, "chat_moonquake", message=MARKUP))
    await expect(chat.page.locator(".failure").last).to_contain_text(MARKUP)
    assert await chat.page.locator(".turn :is(script, img)").count() == 0


async def test_links_open_elsewhere_and_wide_parts_scroll_by_themselves(chat):
    await chat.start()
    told = await chat.say("Show me")
    wide = "x" * 400
    html = f'<p><a href="https://example.com/">there</a></p><pre><code>{wide}</code></pre>'
    table = "<table><tbody><tr>" + f"<td>{'y' * 60}</td>" * 8 + "</tr></tbody></table>"
    await chat.serve(done(told, "…", html + table))
    link = chat.page.locator(".answer-html a")
    await expect(link).to_have_attribute("target", "_blank")
    await expect(link).to_have_attribute("rel", re.compile("noopener"))
    for part in (".answer-html pre", ".answer-html table"):
        inner, outer = await chat.page.locator(part).evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert inner > outer
    inner, outer = await chat.page.locator("#transcript").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert inner == outer


async def test_many_deltas_at_once_are_written_at_once(chat):
    await chat.start()
    told = await chat.say("Go on")
    await chat.serve(accepted(told), delta(told, "Start. "))
    await expect(chat.page.locator(".answer-plain")).to_have_text("Start. ")
    written = await chat.page.evaluate(
        """async (id) => {
          let writes = 0;
          const plain = document.querySelector(".answer-plain");
          const seen = new MutationObserver((records) => { writes += records.length; });
          seen.observe(plain, { characterData: true, childList: true, subtree: true });
          for (let i = 0; i < 2000; i += 1) window.serve({ type: "chat_delta", message_id: id, text: "word " });
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          return [writes, plain.textContent.length, plain.childNodes.length];
        }""",
        told,
    )
    assert written == [1, 7 + 10_000, 1]


async def test_the_transcript_follows_the_newest_unless_the_person_scrolled_up(chat):
    await chat.start()
    transcript, newest = chat.page.locator("#transcript"), chat.page.locator("#chat-newest")

    async def at_the_end():
        """It gets there with the next picture that is drawn."""
        async with asyncio.timeout(5):
            while await transcript.evaluate("e => e.scrollHeight - e.scrollTop - e.clientHeight") > 1:
                await asyncio.sleep(0.02)

    told = await chat.say("Tell me much")
    await chat.serve(accepted(told), delta(told, "line\n" * 80))
    await expect(chat.page.locator(".answer-plain")).to_contain_text("line")
    await at_the_end()
    await chat.page.fill("#chat-text", "\n" * 5)  # a taller composer leaves the end in sight
    await expect(newest).to_be_hidden()
    await at_the_end()
    await transcript.evaluate("e => { e.scrollTop = 100; }")
    await expect(newest).to_be_visible()
    await chat.serve(delta(told, "the last line"))
    await expect(chat.page.locator(".answer-plain")).to_contain_text("the last line")
    assert await transcript.evaluate("e => e.scrollTop") == 100
    await newest.click()
    await expect(newest).to_be_hidden()
    await at_the_end()


async def test_what_the_assistant_was_told_is_shown_word_for_word(chat):
    await chat.start()
    mood = "Likely seen in the last minute:\n  <happy> 60 %, neutral 40 %."
    told, other = await chat.say("Hi"), await chat.say("Again")
    await chat.serve(accepted(told, mood=mood), accepted(other, ahead=1))
    await expect(chat.page.locator(".told")).to_have_count(2)
    (first, second) = await chat.page.locator(".told").all()
    await first.locator("summary").click()
    assert await first.locator("p").text_content() == mood
    await expect(second).to_be_hidden()


async def test_clearing_is_asked_once_more_and_spares_what_was_said_after_it(chat):
    await chat.start()
    first = await chat.say("Old")
    await chat.serve(accepted(first), done(first, "x", "<p>x</p>"))
    await chat.page.click("#chat-clear")
    await chat.page.press("#chat-clear-no", "Escape")
    await expect(chat.page.locator("#chat-clearing")).to_be_hidden()
    assert await chat.sent("chat_clear") == []
    await chat.page.click("#chat-clear")
    await chat.page.click("#chat-clear-yes")
    assert len(await chat.sent("chat_clear")) == 1
    await chat.say("New")
    await chat.serve({"type": "chat_cleared", "kept": False})
    await expect(chat.page.locator(".question-text")).to_have_text(["New"])


async def test_a_history_that_still_holds_what_was_cleared_is_said(chat):
    await chat.start()
    await chat.say("Old")
    await chat.page.click("#chat-clear")
    await chat.page.click("#chat-clear-yes")
    await chat.serve({"type": "chat_cleared", "kept": True})
    await expect(chat.page.locator("#chat-empty")).to_contain_text("The history still holds it")


async def test_a_new_call_draws_a_line_and_the_end_of_a_call_fails_what_was_not_answered(chat):
    await chat.start()
    told = await chat.say("Old")
    await chat.serve(accepted(told), delta(told, "The beginn"))
    await chat.page.evaluate("() => window.hangUp()")
    await expect(chat.page.locator(".failure")).to_contain_text("The call ended before the answer did")
    await expect(chat.page.locator(".answer-plain")).to_have_text("The beginn")
    await expect(chat.page.locator(".again")).to_be_hidden()
    await chat.page.evaluate("() => window.comeBack()")
    await expect(chat.page.locator("#connection")).to_have_attribute("data-state", "connected", timeout=8000)
    await expect(chat.page.locator("#chat-break")).to_contain_text("does not remember what is above")
    await chat.say("New")
    await expect(chat.page.locator("#chat-break")).to_be_hidden()
    await expect(chat.page.locator(".turn .break:visible")).to_have_count(1)


async def test_the_oldest_turns_leave_the_page(chat):
    kept = await chat.page.evaluate(
        """async () => {
          const prefix = document.querySelector("script[type=module]").src.split("js/")[0];
          const { newChat, said, TURNS_SHOWN } = await import(prefix + "js/conversation.js");
          let chat = newChat(null, null);
          for (let i = 0; i < TURNS_SHOWN + 3; i += 1) chat = said(chat, { id: `m${i}`, text: "x", retries: null }, 0);
          return [chat.turns.length, chat.turns[0].id];
        }"""
    )
    assert kept == [500, "m3"]


async def test_an_answer_is_copied_as_it_was_written_or_it_is_said_why_not(chat):
    await chat.start()
    told = await chat.say("Hi")
    await chat.serve(done(told, "It **is**.", "<p>It <strong>is</strong>.</p>"))
    await chat.page.click(".copy")
    await expect(chat.page.locator(".copy-said")).to_have_text("Copied")
    assert await chat.page.evaluate("() => navigator.clipboard.readText()") == "It **is**."
    await chat.page.evaluate("() => Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    await chat.page.click(".copy")
    await expect(chat.page.locator(".copy-said")).to_contain_text("Select the text instead")
