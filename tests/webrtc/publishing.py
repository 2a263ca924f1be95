"""A publisher made of aiortc: a WHIP client (RFC 9725) that sends encoded media in real time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin

import aiohttp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription

from bench.caller import Player, Source

FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}


class Publisher:
    """`http` is a session with what the requests carry. `headers` are those of the answer to its offer."""

    def __init__(
        self, http: aiohttp.ClientSession, url: str, source: Source, kinds: Sequence[str] = ("audio", "video")
    ) -> None:
        self.headers: Any = {}
        self.players = {kind: Player(kind, source) for kind in kinds}
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._http = http
        self._url = url
        self._codec = source.codec
        self._candidates: list[str] = []
        self._ufrag = ""

    async def offer(self) -> str:
        """Its offer, with all its candidates."""
        for kind, player in self.players.items():
            transceiver = self.peer.addTransceiver(player, direction="sendonly")
            if kind == "video":
                mime = f"video/{self._codec}".lower()
                codecs = RTCRtpSender.getCapabilities("video").codecs
                transceiver.setCodecPreferences(
                    [codec for codec in codecs if codec.mimeType.lower() in (mime, "video/rtx")]
                )
        await self.peer.setLocalDescription(await self.peer.createOffer())
        lines = self.peer.localDescription.sdp.splitlines()
        self._candidates = [line for line in lines if line.startswith("a=candidate")]
        self._ufrag = next(line for line in lines if line.startswith("a=ice-ufrag"))
        return self.peer.localDescription.sdp

    async def publish(self, *, trickle: bool = False, within: float = 10.0) -> str:
        """Offer and take the answer, which is returned, and wait for the connection. With `trickle` the candidates are
        kept for `trickle`, and nothing is waited for."""
        sdp = await self.offer()
        if trickle:
            sdp = "".join(f"{line}\r\n" for line in sdp.splitlines() if "candidate" not in line)
        answer = {"Content-Type": "application/sdp"}
        async with self._http.post(f"{self._url}/whip", data=sdp, headers=answer) as response:
            text = await response.text()
            assert response.status == 201, text
            self.headers = response.headers
        # aiortc would send nothing to one that could be heard of only later
        remote = RTCSessionDescription(sdp=text, type="answer")
        await self.peer.setRemoteDescription(remote)
        if not trickle:
            await self.connected(within)
        return text

    async def connected(self, within: float = 10.0) -> None:
        async with asyncio.timeout(within):
            while self.peer.connectionState != "connected":
                assert self.peer.connectionState in ("new", "connecting")
                await asyncio.sleep(0.02)

    async def trickle(self) -> int:
        """Send the candidates; the status of the answer."""
        body = "\r\n".join(["m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0", self._ufrag, *self._candidates, ""])
        headers = FRAGMENT | {"If-Match": self.headers["ETag"]}
        async with self._http.patch(self.location, data=body, headers=headers) as response:
            return response.status

    async def stop(self) -> int:
        """End the stream; the status of the answer."""
        async with self._http.delete(self.location) as response:
            return response.status

    async def close(self) -> None:
        await self.peer.close()

    @property
    def location(self) -> str:
        return urljoin(f"{self._url}/whip", self.headers["Location"])

    @property
    def events(self) -> str:
        """Where what happens in the session is told."""
        (link,) = [link for link in self.headers.getall("Link") if 'rel="monitor"' in link]
        return urljoin(self._url, link.partition("<")[2].partition(">")[0])

    @property
    def session_id(self) -> str:
        return self.events.split("/")[-2]


async def told(response: aiohttp.ClientResponse) -> Any:
    """The events of a stream, one after the other: name, data and number."""
    fields: dict[str, str] = {}
    async for line in response.content:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name:
            fields[name] = value
        elif "event" in fields:
            yield fields["event"], json.loads(fields["data"]), fields.get("id")
            fields = {}
