"""Callers of another's server, in a process of their own: `end` on stdin ends them, any other line has them report."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import uuid
from pathlib import Path
from typing import Any

import aiohttp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription

from bench.caller import Player, Source, Start


class PlainCaller:
    """Sends picture and sound, and opens a data channel, which some servers wait for."""

    def __init__(self, source: Source, direction: str) -> None:
        start = Start()
        self.players = [Player(kind, source, start) for kind in ("audio", "video")]
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.peer.createDataChannel("events")
        for player in self.players:
            transceiver = self.peer.addTransceiver(player, direction=direction)
            if player.kind == "video":
                wanted = (f"video/{source.codec}", "video/rtx")
                codecs = RTCRtpSender.getCapabilities("video").codecs
                transceiver.setCodecPreferences([c for c in codecs if c.mimeType.lower() in wanted])

    async def connect(self, http: aiohttp.ClientSession, url: str) -> None:
        """Raises `RuntimeError` when refused."""
        up = asyncio.Event()

        @self.peer.on("connectionstatechange")
        def changed() -> None:
            if self.peer.connectionState == "connected":
                up.set()

        await self.peer.setLocalDescription(await self.peer.createOffer())
        offer = {"sdp": self.peer.localDescription.sdp, "type": "offer", "webrtc_id": uuid.uuid4().hex}
        async with http.post(url, json=offer) as response:
            answer: dict[str, Any] = await response.json()
        if "sdp" not in answer:
            raise RuntimeError(f"refused: {answer}")
        await self.peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
        async with asyncio.timeout(20):
            await up.wait()

    def report(self) -> dict[str, int]:
        return {player.kind: player.sent for player in self.players}


def main() -> None:
    """`python -m bench.peers.load --url URL -n N --media FILE [--direction sendrecv]`"""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("-n", type=int, required=True)
    parser.add_argument("--media", type=Path, required=True)
    parser.add_argument("--direction", default="sendonly")
    asyncio.run(_call(parser.parse_args()))


async def _call(arguments: argparse.Namespace) -> None:
    source, callers = Source.read(arguments.media), []
    async with aiohttp.ClientSession() as http:
        for _ in range(arguments.n):
            caller = PlainCaller(source, arguments.direction)
            await caller.connect(http, arguments.url)
            callers.append(caller)
            await asyncio.sleep(0.13)
        print("connected", flush=True)
        while (await asyncio.to_thread(sys.stdin.readline)).strip() not in ("end", ""):
            sent = [caller.report() for caller in callers]
            alive = sum(caller.peer.connectionState == "connected" for caller in callers)
            total = {kind: sum(each[kind] for each in sent) for kind in ("audio", "video")}
            print(json.dumps(total | {"alive": alive}), flush=True)
        await asyncio.gather(*(caller.peer.close() for caller in callers))


if __name__ == "__main__":
    main()
