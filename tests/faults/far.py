"""A caller on another host: `python -m tests.faults.far <url>…` calls each in turn, the later ones to go on with the
call before, once a line comes; it prints a line of JSON for each call that began."""

from __future__ import annotations

import asyncio
import json
import sys

import aiohttp

from bench.caller import Caller, Source
from bench.media import material

WITHIN = 20.0
"""Seconds in which a server must have taken up its new address."""


async def main(urls: list[str]) -> None:
    source, answer = Source.read(material("vp8", (320, 240))), None
    for url in urls:
        caller = await connected(url, source, answer)
        answer = caller.answer
        print(json.dumps(answer), flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await caller.close()


async def connected(url: str, source: Source, answer: dict[str, object] | None) -> Caller:
    """Try until it is let in, as a page does."""
    async with asyncio.timeout(WITHIN):
        while True:
            caller = Caller(url, source, consent={"analysis": False, "recording": True}, resume=answer)
            try:
                await caller.connect()
            except (RuntimeError, aiohttp.ClientError, TimeoutError):
                await caller.peer.close()
                await asyncio.sleep(0.5)
                continue
            await caller.hear("session_status")
            return caller


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
