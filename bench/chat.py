"""The chat: what Mien adds to each token of a provider, and how late the media loop gets while many people chat."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import psutil

from bench.calls import line, percentile, start, status, stop
from bench.media import material

PACE = 0.1
"""Seconds between a provider's tokens."""

TOKENS = 120
BEGIN_EVERY = 0.02
"""Seconds between chats that begin: nobody has two hundred people say hello in the same moment."""

CALLS = 4
"""Calls that are recorded and analysed meanwhile."""

AT_A_TIME = (1, 50, 200)


@dataclass(slots=True)
class Heard:
    """Milliseconds from the provider writing a token to a client of Mien reading it."""

    first: list[float] = field(default_factory=list)
    each: list[float] = field(default_factory=list)
    failed: int = 0


def main() -> None:
    """`python -m bench.chat`: measure and print."""
    provider = start("tests.openai_server", "--port", "0", "--pace", str(PACE), "--stamps", str(TOKENS))
    try:
        url = line(provider).partition("OPENAI_API_BASE=")[2]
        with TemporaryDirectory() as data:
            server = start("bench.server", "--mode", "lean", "--data", data, environ={"OPENAI_API_BASE": url})
            try:
                _measure(f"http://127.0.0.1:{line(server)}", psutil.Process(server.pid))
            finally:
                server.terminate()
                stop(server)
    finally:
        provider.terminate()
        stop(provider)


def _measure(url: str, server: psutil.Process) -> None:
    _until(lambda: status(url)["chat"]["available"])
    callers = start(
        "bench.callers",
        "--url",
        url,
        "-n",
        str(CALLS),
        "--media",
        str(material("vp8")),
        "--record",
        "--analyse",
    )
    try:
        line(callers)
        time.sleep(5.0)
        print(f"with {CALLS} calls that are recorded and analysed; a token each {PACE * 1e3:.0f} ms:")
        for count in AT_A_TIME:
            _report(url, server, count)
    finally:
        stop(callers)


def _report(url: str, server: psutil.Process, count: int) -> None:
    before, began = server.cpu_times(), time.monotonic()
    heard, lags = asyncio.run(_chats(url, count))
    after, lasted = server.cpu_times(), time.monotonic() - began
    cpu = after.user + after.system - before.user - before.system
    print(
        f"{count} at a time: {len(heard.each) / lasted:.0f} tokens/s, first token +{_pair(heard.first)} ms, "
        f"each token +{_pair(heard.each)} ms, media process {cpu / lasted:.2f} cores, "
        f"its loop late {status(url)['loop_lag_p99_ms']:.1f} ms p99 of the last minute, {max(lags):.1f} ms at worst, "
        f"{heard.failed} failed",
        flush=True,
    )


def _pair(values: list[float]) -> str:
    return f"{percentile(values, 0.5):.1f} p50 / {percentile(values, 0.95):.1f} p95"


async def _chats(url: str, count: int) -> tuple[Heard, list[float]]:
    heard = Heard()
    lags: list[float] = []
    async with aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=0)) as http:
        watching = asyncio.create_task(_watch(http, lags))
        await asyncio.gather(*(_chat(http, heard, BEGIN_EVERY * n) for n in range(count)))
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    return heard, lags


async def _chat(http: aiohttp.ClientSession, heard: Heard, after: float) -> None:
    """One chat by server-sent events. The provider's tokens are the moments at which it wrote them."""
    body = {"message": "What time is it?", "stream": True}
    told = 0
    await asyncio.sleep(after)
    async with http.post("/api/chat", json=body) as response:
        kind = ""
        async for raw in response.content:
            if raw.startswith(b"event:"):
                kind = raw[6:].strip().decode()
            elif raw.startswith(b"data:") and kind == "delta":
                now = time.monotonic()
                for stamp in json.loads(raw[5:])["text"].split():
                    late = (now - float(stamp)) * 1e3
                    heard.each.append(late)
                    if told == 0:
                        heard.first.append(late)
                    told += 1
    heard.failed += told < TOKENS


async def _watch(http: aiohttp.ClientSession, lags: list[float]) -> None:
    while True:
        await asyncio.sleep(0.5)
        async with http.get("/status") as response:
            lags.append((await response.json())["loop_lag_ms"])


def _until(holds: Any) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError("the chat did not become available within 30 s")
        time.sleep(0.1)


if __name__ == "__main__":
    main()
