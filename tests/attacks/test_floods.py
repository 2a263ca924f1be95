"""Floods: while one caller sends far too much of something, another's call goes on, and what was taken is freed.

The server and the others are processes of their own; the attackers are in this one. `-s` prints the round trips.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time

import aiohttp
import psutil
import pytest

from bench.caller import Caller, Source
from bench.calls import percentile
from bench.media import material
from tests.attacks.raw import request
from tests.faults.test_kill import program
from tests.other import Other

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

WINDOW = 4.0
"""Seconds in which round trips are measured, without an attack and with one."""

MOST_GROWTH = 100 * 1024**2


def measured(other):
    """Milliseconds of round trips in a window, and whether the call went on to its end. Then it hangs up."""
    other.mark()
    time.sleep(WINDOW)
    report = other.end()
    other.close()
    return report["round_trips"], report["alive"]


class Scene:
    """A server, two whose calls must not suffer, and what it is attacked with."""

    def __init__(self, process, url, source):
        self.process, self.url, self.source = psutil.Process(process.pid), url, source
        self.port = int(url.rpartition(":")[2])
        media = material("vp8", (320, 240))
        self.others = [Other(url, media, "--ping", "0.04") for _ in range(2)]

    async def under(self, attack):
        """Measures the one without the attack, the other under it; fails where it costs too much."""
        before, _ = await asyncio.to_thread(measured, self.others[0])
        memory = self.process.memory_info().rss
        attacking = asyncio.create_task(attack)
        meanwhile, alive = await asyncio.to_thread(measured, self.others[1])
        attacking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await attacking
        assert alive == 1 and len(before) > 40 and len(meanwhile) > 40, "pings are answered"
        halves = [percentile(times, 0.5) for times in (before, meanwhile)]
        mosts = [percentile(times, 0.95) for times in (before, meanwhile)]
        grown = self.process.memory_info().rss - memory
        print(
            f"\nround trip p50 {halves[0]:.1f} → {halves[1]:.1f} ms, p95 {mosts[0]:.1f} → {mosts[1]:.1f} ms "
            f"(×{mosts[1] / mosts[0]:.1f}), memory {grown / 1024**2:+.0f} MB"
        )
        assert halves[1] <= 10 * halves[0] + 20 and mosts[1] <= 10 * mosts[0] + 50
        assert grown < MOST_GROWTH

    async def status(self):
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}/status") as response:
            return await response.json()

    async def well(self):
        """Places are free again, and a new call is admitted."""
        async with asyncio.timeout(30):
            while True:
                with contextlib.suppress(
                    aiohttp.ClientError, KeyError
                ):  # its connections or its rate are used up
                    if len((await self.status())["sessions"]) == 0:
                        break
                await asyncio.sleep(0.5)
        new = Caller(self.url, self.source, kinds=("audio",))
        async with asyncio.timeout(20):
            while True:
                try:
                    await new.connect()
                    break
                except RuntimeError:  # 429 for a while
                    new = Caller(self.url, self.source, kinds=("audio",))
                    await asyncio.sleep(1)
        await new.hear("welcome")
        await new.close()


@pytest.fixture
async def scene(tmp_path):
    source = Source.read(material("vp8", (320, 240)))
    with program(tmp_path, MAX_SESSIONS="4", SESSION_GRACE="0", EMOTION_ENGINES="embedded") as (process, url):
        scene = await asyncio.to_thread(Scene, process, url, source)
        yield scene
        for other in scene.others:
            other.close()
        await scene.well()


async def offered(source, url):
    """The SDP of an offer."""
    caller = Caller(url, source, kinds=("audio", "video"))
    for kind, player in caller.players.items():
        caller.peer.addTransceiver(player, direction="sendonly")
        assert kind
    await caller.peer.setLocalDescription(await caller.peer.createOffer())
    sdp = caller.peer.localDescription.sdp
    await caller.peer.close()
    return sdp


@pytest.mark.soak
async def test_offers_by_the_hundred_that_nobody_connects(scene):
    sdp, statuses = await offered(scene.source, scene.url), []
    padded = sdp + "a=x:" + "y" * 200 + "\r\n"
    large = padded + "".join(f"a=note:{at} {'z' * 200}\r\n" for at in range((60_000 - len(padded)) // 220))
    assert len(large) > 50_000

    async def attack():
        async with aiohttp.ClientSession() as http:
            for number in range(300):
                body = {
                    "sdp": (sdp, large, "v=0\r\n" + "m=audio 9 x 0\r\n" * 3000)[number % 3],
                    "type": "offer",
                }
                async with http.post(f"{scene.url}/offer", json=body) as response:
                    statuses.append(response.status)
                    assert len((await scene.status())["sessions"]) <= 4 if number % 50 == 0 else True
            await asyncio.sleep(60)

    await scene.under(attack())
    assert len(statuses) > 50 and set(statuses) <= {200, 400, 429, 503} and 429 in statuses
    assert statuses.count(200) < 20


async def test_messages_by_the_ten_thousand_from_one_caller(scene):
    attacker = Caller(scene.url, scene.source, kinds=("audio",))
    await attacker.connect()
    await attacker.hear("welcome")
    deep = "[" * 20_000
    kinds = [
        json.dumps({"type": "get_session_status"}),
        json.dumps({"type": "ping", "client_ts": 1.0}),
        json.dumps({"type": "chat", "message_id": "m", "text": "hello " * 100}),
        json.dumps({"type": "set_consent", "analysis": True, "recording": False}),
        '{"type": "ping"',
        '{"type": "' + "x" * 1000 + '"}',
        deep,
        "\0",
        "9" * 30_000,
        b"\0" * 1000,
    ]

    async def attack():
        for number in range(10_000):
            while attacker.channel.bufferedAmount > 2_000_000:
                await asyncio.sleep(0.01)
            if attacker.channel.readyState != "open":
                return
            attacker.channel.send(kinds[number % len(kinds)])
            if number % 100 == 0:
                await asyncio.sleep(0.01)

    await scene.under(attack())
    await attacker.close()


@pytest.mark.soak
async def test_messages_of_a_megabyte(scene):
    attacker = Caller(scene.url, scene.source, kinds=("audio",))
    await attacker.connect()
    await attacker.hear("welcome")
    attacker.peer.sctp._remote_max_message_size = 0  # it does not care for what the server says it can take

    async def attack():
        for _ in range(40):
            while attacker.channel.bufferedAmount > 1_000_000:
                await asyncio.sleep(0.01)
            if attacker.channel.readyState != "open":
                return
            attacker.channel.send("x" * 1_000_000)
            await asyncio.sleep(0)

    await scene.under(attack())
    await attacker.close()


async def test_connections_that_say_a_byte_at_a_time(scene):
    async def slowly():
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", scene.port)
            try:
                for byte in request("POST", "/code", "Content-Length: 60000") + b"x" * 60_000:
                    writer.write(bytes([byte]))
                    await asyncio.sleep(0.05)
            finally:
                writer.close()

    async def attack():
        await asyncio.gather(*(slowly() for _ in range(200)))

    await scene.under(attack())


async def test_connections_by_the_hundred(scene):
    writers = []

    async def attack():
        for _ in range(600):
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", scene.port)
                writers.append(writer)
        await asyncio.sleep(60)

    began = time.monotonic()
    try:
        await scene.under(attack())
    finally:
        for writer in writers:
            writer.close()
    assert len(writers) > 400 and time.monotonic() - began < 60


@pytest.mark.soak
async def test_requests_by_the_thousand(scene):
    statuses = set()

    async def attack():
        async with aiohttp.ClientSession() as http:
            while True:
                async with http.get(f"{scene.url}/nowhere") as response:
                    statuses.add(response.status)

    await scene.under(asyncio.wait_for(attack(), 60))
    assert statuses == {404, 429}
