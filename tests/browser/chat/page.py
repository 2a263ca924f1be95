"""The page in a call with nobody behind it: a test says what the server says."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, Route, expect

SCRIPT = Path(__file__).parent / "fake_channel.js"
HERE = {"available": True, "code": None, "reason": None, "model": "qwen3:8b", "sends_to": None}
ELSEWHERE = HERE | {"model": "gpt-5-mini", "sends_to": "api.openai.com"}
KEPT = {"available": True, "code": None, "reason": None}
LIMITS = {"max_duration": 10.0, "buffer_duration": 5.0, "save_interval": 1.0, "message_bytes": 65536}


@dataclass(slots=True, kw_only=True)
class ChatPage:
    """A page, and the words that a server would send it."""

    page: Page
    provider: dict[str, Any] = field(default_factory=lambda: dict(HERE))
    history: dict[str, Any] = field(default_factory=lambda: dict(KEPT))
    characters: int = 8000

    async def start(self, *, analysis: bool = True) -> None:
        """Begin a call."""
        greeting = [self.welcome(), self.status(analysis=analysis)]
        await self.page.evaluate("greeting => { window.greeting = greeting; }", greeting)
        await self.page.locator("#consent-analysis").set_checked(analysis)
        await self.page.click("#start-camera")
        await expect(self.page.locator("#connection")).to_have_attribute("data-state", "connected")

    async def serve(self, *messages: dict[str, Any]) -> None:
        await self.page.evaluate("messages => window.serve(...messages)", list(messages))

    async def say(self, text: str) -> str:
        """Write and send a message; its id."""
        await self.page.fill("#chat-text", text)
        await self.page.press("#chat-text", "Enter")
        return (await self.sent("chat"))[-1]["message_id"]

    async def sent(self, kind: str) -> list[dict[str, Any]]:
        """What the page sent of this type, oldest first."""
        return await self.page.evaluate("kind => window.sent.filter((m) => m.type === kind)", kind)

    def welcome(self) -> dict[str, Any]:
        limits = LIMITS | {"chat_characters": self.characters}
        return {
            "type": "welcome",
            "version": 1,
            "session_id": "s",
            "engines": [],
            "chat": self.provider,
            "history": self.history,
            "limits": limits,
        }

    def status(self, *, analysis: bool = True, recording: bool = False) -> dict[str, Any]:
        queue = dict.fromkeys(("video_frames", "audio_chunks", "video_duration", "audio_duration"), 0)
        return {
            "type": "session_status",
            "session_id": "s",
            "consent": {"analysis": analysis, "recording": recording},
            "analysing": analysis,
            "recording": recording,
            "paused": [],
            "queue_info": queue | {"max_duration": 10.0},
            "engines": [],
            "chat": self.provider,
            "history": self.history,
            "clips_saved": 0,
            "windows_analysed": 0,
            "windows_dropped": 0,
        }


def accepted(message_id: str, **changes: Any) -> dict[str, Any]:
    told = {"timestamp": 0.0, "kept": True, "mood": None, "ahead": 0}
    return {"type": "chat_accepted", "message_id": message_id} | told | changes


def delta(message_id: str, text: str) -> dict[str, Any]:
    return {"type": "chat_delta", "message_id": message_id, "text": text}


def done(message_id: str, text: str, html: str, **changes: Any) -> dict[str, Any]:
    told = {
        "finish": "complete",
        "error": None,
        "model": "qwen3:8b",
        "latency": {"first": 180.0, "total": 900.0},
        "usage": None,
        "timestamp": 0.0,
        "kept": True,
    }
    return {"type": "chat_done", "message_id": message_id, "text": text, "html": html} | told | changes


def failed(message_id: str, code: str, text: str = "", message: str = "why") -> dict[str, Any]:
    html = f"<p>{text}</p>" if text else ""
    return done(message_id, text, html, finish="failed", error={"code": code, "message": message})


@asynccontextmanager
async def caller(browser: Browser) -> AsyncIterator[BrowserContext]:
    """Somebody whose pages are all without a server behind the call."""
    context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    await context.add_init_script(path=SCRIPT)
    yield context
    await context.close()


@asynccontextmanager
async def chat_page(
    context: BrowserContext,
    url: str,
    *,
    config: dict[str, Any] | None = None,
    width: int = 1280,
    height: int = 860,
) -> AsyncIterator[ChatPage]:
    """The page before a call. `config` is what the server says of the provider in the page itself; every error that the
    page logs fails the test."""
    page = await context.new_page()
    await page.set_viewport_size({"width": width, "height": height})
    if config is not None:
        await page.route(f"{url}/", lambda route: _with_config(route, config))
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    await page.goto(url)
    try:
        yield ChatPage(page=page)
        assert errors == [], errors
    finally:
        await page.evaluate("() => localStorage.clear()")
        await page.close()


async def _with_config(route: Route, chat: dict[str, Any]) -> None:
    response = await route.fetch()
    page = await response.text()
    said = re.search(r'data-config="([^"]*)"', page)[1]
    config = json.loads(html.unescape(said)) | {"chat": chat}
    await route.fulfill(response=response, body=page.replace(said, html.escape(json.dumps(config)), 1))
