"""The library, the sessions, a session's review and the monitor, over a data folder that holds some of each."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress

import pytest

from pipeline.history.address import database_url
from pipeline.history.history import History
from pipeline.history.records import (
    ClipKept,
    ConsentSaid,
    LabelSeen,
    RecordingBegan,
    RecordingEnded,
    SessionBegan,
    SessionEnded,
    TurnSaid,
)
from pipeline.library import clip_name
from tests import media
from tests.browser.conftest import DEVICES, GRANT, chromium, open_page, program

CALL, CHAT = "0a1b2c3d4e5f", "1b2c3d4e5f60"
EMOTIONS = ("happy", "happy", "neutral", "surprise", "happy", "sad")
BEGAN = time.time() - 600


def records(names):
    """A call of a minute with six clips, and a chat without a call."""
    yield SessionBegan(session_id=CALL, kind="call", at=BEGAN)
    yield ConsentSaid(session_id=CALL, at=BEGAN + 1, analysis=True, recording=True)
    yield RecordingBegan(session_id=CALL, at=BEGAN + 2)
    for index, (name, emotion) in enumerate(zip(names, EMOTIONS, strict=True)):
        end = 5.0 + index
        yield ClipKept(session_id=CALL, at=BEGAN + end, name=name, start=end - 5, end=end, size=9000)
        yield LabelSeen(
            session_id=CALL,
            at=BEGAN + end,
            window_start=end - 5,
            window_end=end,
            emotion=emotion,
            reason=None,
            probabilities={emotion: 0.8},
            confidence=0.8,
            valence=0.2,
            arousal=0.1,
            description="",
            engine="embedded",
            fallback_reason=None,
            provisional=False,
            video_name=name,
            latency={"total": 40.0},
        )
    yield RecordingEnded(session_id=CALL, at=BEGAN + 20)
    for session in (CALL, CHAT):
        if session == CHAT:
            yield SessionBegan(session_id=CHAT, kind="chat", at=BEGAN + 100)
        turn = {"session_id": session, "message_id": "m1", "at": BEGAN + 120}
        yield TurnSaid(**turn, role="user", text="How do I look?")
        html = "<p>You seem <strong>cheerful</strong>.</p>"
        text = "You seem **cheerful**."
        yield TurnSaid(**turn, role="assistant", text=text, html=html, model="echo", finish="complete")
    yield SessionEnded(session_id=CALL, at=BEGAN + 125, reason="the page said goodbye")


async def keep(data, names):
    history = History(database_url("", data / "state"))
    running = asyncio.create_task(history.run())
    await history.opened()
    for record in records(names):
        assert await history.keep(record)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def seed(data):
    """Clips with their pictures, and what the history knows of them."""
    clip = media.encode_clip(media.astronaut_frames(15, (320, 240), face=120), 15, "vp8")
    names = [clip_name(BEGAN + 5 + index, CALL, "webm") for index in range(len(EMOTIONS))]
    pictures = data / "state" / "thumbnails"
    pictures.mkdir(parents=True)
    (data / "videos").mkdir()
    for name in names:
        (data / "videos" / name).write_bytes(clip)
        media.write_mjpeg(pictures / f"{name}.jpg", media.astronaut_frames(1, (320, 240), face=120), 1)
    asyncio.run(keep(data, names))
    return names


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    seed(data)
    with program(data) as running:
        yield running


async def expect(page, script, argument=None):
    await page.wait_for_function(script, arg=argument, timeout=8000)


async def test_clips_are_filtered_played_and_deleted(tmp_path, seeded):
    async with chromium(tmp_path / "profile") as context:
        page = await open_page(context, f"{seeded.http}/library")
        await expect(page, "() => document.querySelectorAll('#gallery li').length === 6")
        await page.select_option("#filter", "surprise")
        await expect(page, "() => document.querySelectorAll('#gallery li').length === 1")
        assert "Surprise" in await page.inner_text("#gallery")
        await page.click("#gallery button")
        await expect(page, "() => document.querySelector('#viewer[open] video')?.currentTime > 0.1")
        assert "format=mp4" in await page.get_attribute("#viewer-mp4", "href")
        await page.keyboard.press("Escape")
        await expect(page, "() => !document.querySelector('#viewer').open")
        await page.select_option("#filter", "")
        await expect(page, "() => document.querySelectorAll('#gallery li').length === 6")
        await page.locator("#gallery button").last.click()
        name = await page.locator("#gallery li").last.get_attribute("data-name")
        await page.click("#viewer-delete")
        assert await page.evaluate("() => document.activeElement.className.includes('sure-no')")
        await page.click("#viewer-sure .sure-yes")
        await expect(page, "() => document.querySelectorAll('#gallery li').length === 5")
        assert not (seeded.data / "videos" / name).exists() and page.errors == []


async def test_a_session_is_found_in_the_list_and_reviewed(tmp_path, seeded):
    async with chromium(tmp_path / "profile") as context:
        page = await open_page(context, f"{seeded.http}/sessions")
        row = page.locator(f"[data-session='{CALL}']")
        await row.wait_for()
        assert "Happy" in await row.inner_text()
        await row.locator("a.session-when").click()
        await page.wait_for_selector("#moments .answer-html strong")
        assert await page.locator("#moments [data-kind=seen]").count() == 5
        assert "Analysis and recording" in await page.inner_text("#allowed")
        river = page.locator("#river")
        await river.focus()
        await page.keyboard.press("End")
        assert "clip" in await river.get_attribute("aria-valuetext")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#viewer[open]")
        await page.keyboard.press("Escape")
        await page.locator("#moments [data-kind=seen] button:visible").last.click()
        await page.wait_for_selector("#viewer[open]")
        await page.keyboard.press("Escape")
        await page.select_option("#language", "zh")
        await expect(page, "() => document.querySelector('#moments').textContent.includes('开心')")
        assert page.errors == []


async def test_a_session_is_deleted_where_that_is_confirmed_and_is_then_not_found(tmp_path, seeded):
    async with chromium(tmp_path / "profile") as context:
        page = await open_page(context, f"{seeded.http}/sessions/{CHAT}")
        await page.click("#drop")
        await page.click("#drop-sure .sure-no")
        assert await page.evaluate("() => document.activeElement.id") == "drop"
        await page.click("#drop")
        await page.click("#drop-sure .sure-yes")
        await page.wait_for_selector("#ended:visible")
        assert page.errors == []
        response = await page.goto(f"{seeded.http}/sessions/{CHAT}")
        assert response.status == 404
        await page.wait_for_selector("#ended:visible")
        assert "no such session" in await page.inner_text("#ended-title")


@pytest.mark.parametrize("width", [360, 1440])
async def test_nothing_runs_over_the_side_of_the_other_pages(tmp_path, seeded, width, screenshots):
    async with chromium(tmp_path / "profile", width=width, height=850, color_scheme="dark") as context:
        page = await open_page(context, f"{seeded.http}/monitor")
        for path in ("monitor", "library", "sessions", f"sessions/{CALL}"):
            for language in ("en", "zh"):
                await page.goto(f"{seeded.http}/{path}")
                await page.wait_for_selector("body[data-reach=live]")
                await page.select_option("#language", language)
                wide = await page.evaluate("() => document.documentElement.scrollWidth")
                assert wide <= width, (path, language)
                name = f"{path.split('/')[-1]}-{width}-{language}.png"
                await page.screenshot(path=screenshots / name, full_page=True)
        assert page.errors == []


async def test_the_monitor_says_when_the_server_is_gone_and_when_it_is_back(tmp_path, seeded):
    async with chromium(tmp_path / "profile") as context:
        page = await open_page(context, f"{seeded.http}/monitor")
        await page.wait_for_selector("[data-figure=history] [data-state=ok]")
        assert await page.locator("[data-engine=embedded]").count() == 1
        await context.route("**/status", lambda route: route.abort())
        await page.wait_for_selector("#reach[data-state=gone]")
        await context.unroute("**/status")
        await page.wait_for_selector("#reach[data-state=back]")


async def test_a_call_that_goes_on_is_seen_on_the_monitor_which_opens_beside_it(
    tmp_path, seeded, screenshots
):
    async with chromium(tmp_path / "profile", GRANT, DEVICES) as context:
        page = await open_page(context, seeded.http)
        link = page.locator("#nav a[href='/monitor']")
        assert await link.get_attribute("target") != "_blank"
        await page.check("#consent-analysis")
        await page.click("#start-camera")
        await page.wait_for_selector("#connection[data-state=connected]")
        async with context.expect_page() as opened:
            await link.click()
        monitor = await opened.value
        await monitor.wait_for_selector("#calls .state[data-state=ready]")
        assert "b/s" in await monitor.inner_text("#calls .facts")
        took = r"label in [\d.]+\s(ms|sec), 95% within [\d.]+\s(ms|sec)"
        await monitor.locator("[data-engine=embedded]", has_text=re.compile(took)).wait_for()
        await monitor.screenshot(path=screenshots / "monitor-call.png")
        assert await page.get_attribute("#connection", "data-state") == "connected"
        await page.click("#stop-camera")
        await monitor.wait_for_selector("#no-calls:visible")
        assert page.errors == []
