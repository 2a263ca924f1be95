"""A link between page and server that is made slow, lossy or narrow while it runs: a relay of UDP in this process."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route

CANDIDATE = re.compile(r"a=candidate:(\S+ \d+) udp (\d+) (\d+\.\d+\.\d+\.\d+) (\d+) typ host", re.IGNORECASE)
DISCARD = 9
"""A port at which nobody answers."""

Address = tuple[str, int]


class Link:
    """What a datagram meets on its way. `delay` and `queue` are seconds, each way, `rate` is bits a second from page to
    server (0 for no limit), `loss` is a share of the datagrams, both ways. `jitter` is up to so many seconds more for
    each, `reorder` the share of the page's that come 20 ms late, after others; nothing passes while it is `broken`."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.rate = 0.0
        self.queue = 0.3
        self.loss = 0.0
        self.jitter = 0.0
        self.reorder = 0.0
        self.broken = False
        self._free = 0.0
        self._random = random.Random(6)
        self._page: Address | None = None
        self._server: Address | None = None
        self._near: asyncio.DatagramTransport | None = None
        self._far: asyncio.DatagramTransport | None = None

    def arrives(self, size: int, now: float, *, up: bool) -> float | None:
        """When a datagram of so many bytes is there, in seconds on the clock of `now`; None where it is lost."""
        if self.broken or self._random.random() < self.loss:
            return None
        now += self._random.random() * self.jitter
        if up and self._random.random() < self.reorder:
            now += 0.02
        if not up or not self.rate:
            return now + self.delay
        waiting = max(0.0, self._free - now)
        if waiting > self.queue:
            return None
        self._free = now + waiting + size * 8 / self.rate
        return self._free + self.delay

    async def offered(self, route: Route) -> None:
        """Hand the page's offer on such that neither side knows of another way than over this link."""
        body = json.loads(route.request.post_data or "{}")
        body["sdp"] = "\r\n".join(
            CANDIDATE.sub(rf"a=candidate:\1 udp \2 \3 {DISCARD} typ host", line)
            for line in body["sdp"].split("\r\n")
            if not line.startswith("a=candidate:") or CANDIDATE.match(line)
        )
        response = await route.fetch(post_data=json.dumps(body))
        answer = await response.json()
        found = CANDIDATE.search(answer["sdp"])
        assert found is not None, answer["sdp"]
        self._server = (found[3], int(found[4]))
        here = await self._open(found[3])
        lines = [line for line in answer["sdp"].split("\r\n") if not line.startswith("a=candidate:")]
        first = lines.index(next(line for line in lines if line.startswith("a=ice-ufrag")))
        lines.insert(first, f"a=candidate:{found[1]} udp {found[2]} {here[0]} {here[1]} typ host")
        await route.fulfill(response=response, json=answer | {"sdp": "\r\n".join(lines)})

    async def _open(self, host: str) -> Address:
        loop = asyncio.get_running_loop()
        self._near, _ = await loop.create_datagram_endpoint(lambda: _End(self, up=True), (host, 0))
        self._far, _ = await loop.create_datagram_endpoint(lambda: _End(self, up=False), (host, 0))
        address: Address = self._near.get_extra_info("sockname")
        return address

    def carry(self, data: bytes, sender: Address, *, up: bool) -> None:
        """Send on what came from one side."""
        loop = asyncio.get_running_loop()
        if up:
            self._page = sender
        target, transport = (self._server, self._far) if up else (self._page, self._near)
        at = self.arrives(len(data), loop.time(), up=up)
        if at is not None and transport is not None and target is not None:
            loop.call_at(at, self._send, transport, data, target)

    @staticmethod
    def _send(transport: asyncio.DatagramTransport, data: bytes, target: Address) -> None:
        if not transport.is_closing():
            transport.sendto(data, target)

    def close(self) -> None:
        for transport in (self._near, self._far):
            if transport is not None:
                transport.abort()


class _End(asyncio.DatagramProtocol):
    def __init__(self, link: Link, *, up: bool) -> None:
        self._link = link
        self._up = up

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._link.carry(data, addr, up=self._up)


@asynccontextmanager
async def linked(page: Page) -> AsyncIterator[Link]:
    """Let the page's next call go over a link, for the length of a block."""
    link = Link()
    await page.route("**/offer", link.offered)
    try:
        yield link
    finally:
        link.close()
