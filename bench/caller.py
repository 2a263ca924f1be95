"""A caller made of aiortc: sends encoded media in real time, pings, and keeps what the server says."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import aiohttp
import av
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

CLOCK = {"video": 90_000, "audio": 48_000}


@dataclass(frozen=True, slots=True)
class Source:
    """Encoded packets of a file by kind, as (seconds, bytes), and how long the file is."""

    packets: dict[str, list[tuple[float, bytes]]]
    codec: str
    duration: float

    @classmethod
    def read(cls, path: Path) -> Source:
        packets: dict[str, list[tuple[float, bytes]]] = {"video": [], "audio": []}
        with av.open(str(path)) as file:
            codec = file.streams.video[0].codec_context.name
            annex_b = (
                av.BitStreamFilterContext("h264_mp4toannexb", file.streams.video[0])
                if codec == "h264"
                else None
            )
            for packet in file.demux():
                if packet.pts is None or packet.time_base is None:
                    continue
                converted = [packet]
                if annex_b is not None and packet.stream.type == "video":
                    converted = annex_b.filter(packet)
                for one in converted:
                    assert one.pts is not None and one.time_base is not None
                    packets[packet.stream.type].append((float(one.pts * one.time_base), bytes(one)))
            assert file.duration is not None
            return cls(packets, codec, file.duration / 1e6)


class Start:
    """When the players of a caller begin: all with the first that is asked for a frame, as cameras and microphones have
    no time of before the call to catch up with."""

    def __init__(self, at: float | None = None) -> None:
        self._at = at

    def at(self) -> float:
        """Monotonic seconds."""
        if self._at is None:
            self._at = time.monotonic()
        return self._at


class Player(MediaStreamTrack):
    """Plays one kind of a source in real time, over and over. `sent` counts frames, `late` their lateness in s."""

    def __init__(self, kind: str, source: Source, start: Start | None = None) -> None:
        super().__init__()
        self.kind = kind
        self.sent = 0
        self.late: list[float] = []
        self._rows = source.packets[kind]
        self._duration = source.duration
        self._start = start or Start()

    async def recv(self) -> Any:
        if self.readyState != "live":
            raise MediaStreamError
        loops, index = divmod(self.sent, len(self._rows))
        at, data = self._rows[index]
        at += loops * self._duration
        wait = self._start.at() + at - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        else:
            self.late.append(-wait)
        self.sent += 1
        packet = av.Packet(data)
        packet.time_base = Fraction(1, CLOCK[self.kind])
        packet.pts = packet.dts = round(at * CLOCK[self.kind])
        return packet


class Caller:
    """One caller. `messages` are what the server said but pongs; `round_trips` are (monotonic s, ms) of its pings,
    `ping` seconds apart. `resume` is what the offer of a call that is to go on was answered with."""

    def __init__(
        self,
        url: str,
        source: Source,
        kinds: Sequence[str] = ("audio", "video"),
        *,
        consent: dict[str, bool] | None = None,
        say_hello: bool = True,
        ping: float | None = 0.2,
        resume: dict[str, Any] | None = None,
    ) -> None:
        self.url = url
        start = Start()
        self.players = {kind: Player(kind, source, start) for kind in kinds}
        self.messages: list[dict[str, Any]] = []
        self.pongs: list[dict[str, Any]] = []
        self.round_trips: list[tuple[float, float]] = []
        self.answer: dict[str, Any] = {}
        self.connected_after: float | None = None
        self._codec = source.codec
        self._consent = consent or {"analysis": False, "recording": False}
        self._say_hello = say_hello
        self._ping = ping
        self._resume = {name: (resume or {})[name] for name in ("session_id", "token") if resume}
        self._news = asyncio.Event()
        self._pinging: asyncio.Task[None] | None = None
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.channel = self.peer.createDataChannel("events")
        self.channel.on("message", self._on_message)

    async def connect(self, within: float = 15.0) -> None:
        """Offer, take the answer, wait for the data channel. Raises `RuntimeError` when refused, and `TimeoutError`
        with how far it came."""
        started = time.monotonic()
        opened = asyncio.Event()
        self.channel.on("open", opened.set)
        for kind, player in self.players.items():
            transceiver = self.peer.addTransceiver(player, direction="sendonly")
            if kind == "video":
                mime = f"video/{self._codec}".lower()
                codecs = RTCRtpSender.getCapabilities("video").codecs
                transceiver.setCodecPreferences(
                    [codec for codec in codecs if codec.mimeType.lower() in (mime, "video/rtx")]
                )
        await self.peer.setLocalDescription(await self.peer.createOffer())
        local = self.peer.localDescription
        offer = {"sdp": local.sdp, "type": local.type} | self._resume
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self.url}/offer", json=offer, ssl=False) as response,
        ):
            self.answer = await response.json()
        if "sdp" not in self.answer:
            await self.peer.close()
            raise RuntimeError(f"refused: {self.answer}")
        await self.peer.setRemoteDescription(
            RTCSessionDescription(sdp=self.answer["sdp"], type=self.answer["type"])
        )
        try:
            async with asyncio.timeout(within):
                await opened.wait()
        except TimeoutError:
            raise TimeoutError(f"no data channel in {within} s: {self._reached()}") from None
        self.connected_after = time.monotonic() - started
        if self._say_hello:
            self.say("hello", version=1, language="en", consent=self._consent)
        if self._ping is not None:
            self._pinging = asyncio.get_running_loop().create_task(self._ping_on(self._ping))

    def say(self, kind: str, **fields: Any) -> None:
        """Send a message to the server."""
        self.channel.send(json.dumps({"type": kind, **fields}))

    async def hear(self, kind: str, within: float = 10.0, *, after: int = 0, **fields: Any) -> dict[str, Any]:
        """The first message of a kind with these fields, from the `after`-th message on."""
        async with asyncio.timeout(within):
            while True:
                for message in self.messages[after:]:
                    if message["type"] == kind and fields.items() <= message.items():
                        return message
                self._news.clear()
                await self._news.wait()

    def heard(self, kind: str) -> list[dict[str, Any]]:
        """All messages of a kind so far."""
        return [message for message in self.messages if message["type"] == kind]

    async def close(self) -> None:
        """Hang up."""
        if self._pinging is not None:
            self._pinging.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pinging
        await self.peer.close()

    def _reached(self) -> str:
        sctp = self.peer.sctp
        assert sctp is not None
        ends = "; ".join(
            f"{whose} {[line for line in sdp.splitlines() if 'candidate:' in line]}"
            for whose, sdp in (("own", self.peer.localDescription.sdp), ("theirs", self.answer["sdp"]))
        )
        return (
            f"ICE {sctp.transport.transport.state}, DTLS {sctp.transport.state}, SCTP {sctp.state}, "
            f"channel {self.channel.readyState}; {ends}"
        )

    async def _ping_on(self, interval: float) -> None:
        while self.channel.readyState == "open":
            self.say("ping", client_ts=time.monotonic() * 1e3)
            await asyncio.sleep(interval)

    def _on_message(self, text: str) -> None:
        message = json.loads(text)
        if message["type"] == "pong":
            now = time.monotonic()
            self.round_trips.append((now, now * 1e3 - message["client_ts"]))
            self.pongs.append(message)
        else:
            self.messages.append(message)
        self._news.set()
