"""Callers who come and go: `python -m tests.faults.comers <url> <seconds>` has one join every second, who stays for a
second and a half, is recorded and looked at, and hangs up. It prints how many did, and fails where one could not."""

from __future__ import annotations

import asyncio
import json
import sys

import aiohttp

from bench.caller import Caller, Source
from bench.media import material

STAYS = 1.5


async def main(url: str, seconds: int) -> None:
    source = Source.read(material("vp8", (320, 240)))
    now = asyncio.get_running_loop().time
    begins = now()
    async with asyncio.TaskGroup() as callers:
        for number in range(seconds):
            await asyncio.sleep(max(0.0, begins + number - now()))
            callers.create_task(come_and_go(url, source))
    print(json.dumps(seconds), flush=True)


async def come_and_go(url: str, source: Source) -> None:
    caller = Caller(url, source, consent={"analysis": True, "recording": True})
    await caller.connect()
    await caller.hear("session_status")
    caller.say("start_recording")
    await asyncio.sleep(STAYS)
    session_id, token = caller.answer["session_id"], caller.answer["token"]
    async with (
        aiohttp.ClientSession(url) as http,
        http.post(f"/api/sessions/{session_id}/leave", json={"token": token}) as response,
    ):
        assert response.status < 300, await response.text()
    await caller.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
