"""Two aiortc peers in one loop: one sends encoded media, the other receives it by a path of ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from bench.caller import Player, Source, Start
from bench.media import material
from pipeline.clock import SessionClock
from pipeline.frames import EncodedFrame
from webrtc.signaling import answer, new_peer
from webrtc.tap import EncodedTrack, ReceivePath


@dataclass
class Call:
    """A call between them, and the frames that came out so far, by kind."""

    sender: RTCPeerConnection
    receiver: RTCPeerConnection
    source: Source
    answer: str = ""
    tracks: dict[str, EncodedTrack] = field(default_factory=dict)
    frames: dict[str, list[EncodedFrame]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = {
            kind: {_alike(data): number for number, (_, data) in enumerate(packets)}
            for kind, packets in self.source.packets.items()
        }

    async def until(self, reached: Callable[[], object], within: float = 8.0) -> None:
        async with asyncio.timeout(within):
            while not reached():
                await asyncio.sleep(0.02)

    def number_of(self, kind: str, frame: EncodedFrame) -> int:
        """Which of the source's frames this is; no two are alike."""
        return self._numbers[kind][_alike(frame.data)]


def _alike(data: bytes) -> bytes:
    """Start codes of H264 may have three bytes or four."""
    return data.replace(b"\0\0\0\1", b"\0\0\1")


@asynccontextmanager
async def calling(
    path: ReceivePath,
    codec: str = "vp8",
    *,
    kinds: tuple[str, ...] = ("audio", "video"),
    late: Mapping[str, float] | None = None,
    offered: Callable[[str], str] = lambda sdp: sdp,
    disturb: Callable[[RTCPeerConnection], None] = lambda sender: None,
    answered: Callable[[str], None] = lambda sdp: None,
) -> AsyncIterator[Call]:
    """A call; `offered` changes the offer on its way, `disturb` the sender before it begins to send, `answered` is told
    the answer before the sender is, and `late` says by how many seconds a kind begins later."""
    read = Source.read(material(codec, (320, 240)))  # type: ignore[arg-type]
    # Nobody decodes here, and much of real sound is alike.
    sound = [(at, b"%d" % number) for number, (at, _) in enumerate(read.packets["audio"])]
    source = replace(read, packets={"video": read.packets["video"], "audio": sound})
    call = Call(new_peer(), new_peer(), source)
    clock = SessionClock(0.0)
    reading: list[asyncio.Task[None]] = []

    @call.receiver.on("track")
    def taken(track):
        for transceiver in call.receiver.getTransceivers():
            if transceiver.receiver.track is track:
                tapped = call.tracks[track.kind] = path.tap(transceiver, clock)
                reading.append(asyncio.ensure_future(_read(tapped, call.frames.setdefault(track.kind, []))))

    for kind in kinds:
        start = Start(time.monotonic() + (late or {}).get(kind, 0.0))
        transceiver = call.sender.addTransceiver(Player(kind, source, start), direction="sendonly")
        if kind == "video":
            wanted = (f"video/{codec}", "video/rtx")
            codecs = RTCRtpSender.getCapabilities("video").codecs
            transceiver.setCodecPreferences([each for each in codecs if each.mimeType.lower() in wanted])
    disturb(call.sender)
    try:
        await call.sender.setLocalDescription(await call.sender.createOffer())
        sdp = offered(call.sender.localDescription.sdp)
        call.answer = (await answer(call.receiver, sdp, path)).sdp
        answered(call.answer)
        await call.sender.setRemoteDescription(RTCSessionDescription(call.answer, "answer"))
        yield call
    finally:
        await call.sender.close()
        await call.receiver.close()
        await asyncio.gather(*reading)


async def _read(track: EncodedTrack, frames: list[EncodedFrame]) -> None:
    try:
        while True:
            frames.append(await track.recv())
    except MediaStreamError:
        return
