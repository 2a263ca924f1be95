"""The server under load: Mien as it is, without recordings of whole calls, or decoding every frame it gets."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop
from aiortc import RTCPeerConnection, RTCRtpTransceiver
from aiortc.mediastreams import MediaStreamError

from pipeline.clock import SessionClock
from pipeline.frames import EncodedFrame
from server import Running, serve, settle
from settings import Settings
from webrtc.activity import Activity
from webrtc.reception import Reception
from webrtc.recorder import Recorder
from webrtc.tap import path


class Decoded:
    """A decoded frame where the ring keeps an encoded one. Counted as one byte, so that seconds alone bound it."""

    def __init__(self, frame: Any) -> None:
        self.frame = frame

    def __len__(self) -> int:
        return 1


class DecodedTrack:
    """A remote track as aiortc gives it, its frames wrapped to go where encoded ones go."""

    def __init__(self, transceiver: RTCRtpTransceiver, clock: SessionClock) -> None:
        self.kind = transceiver.kind
        self.dropped = self.unknown_codec = 0
        self._source = transceiver.receiver.track
        self._origin = clock.origin

    async def feed(self, sink: Callable[[EncodedFrame], None]) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                sink(self._wrapped(await self._source.recv()))

    def _wrapped(self, frame: Any) -> EncodedFrame:
        decoded: Any = Decoded(frame)
        return EncodedFrame(
            codec="vp8" if self.kind == "video" else "opus",
            data=decoded,
            start=time.monotonic() - self._origin,
            keyframe=True,
            format=b"",
        )

    async def request_keyframe(self) -> None:
        """Nobody decodes from a keyframe here."""

    def reception(self) -> Reception:
        """Nobody counts here."""
        return Reception()


class DecodingPath:
    """aiortc as its examples use it."""

    tap = DecodedTrack

    def negotiate(self, peer: RTCPeerConnection) -> None:
        """What aiortc negotiates."""


MODES: dict[str, Any] = {
    "lean": path("lean"),
    "clips": path("lean"),
    "aiortc": path("aiortc"),
    "decode": DecodingPath,
}


def main() -> None:
    """`python -m bench.server --mode lean|clips|aiortc|decode --data DIR`; prints the port once it serves."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=MODES, required=True)
    parser.add_argument("--data", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.mode == "clips":
        Recorder.follow = _record_nothing  # type: ignore[method-assign]
    uvloop.run(_serve(arguments.data, MODES[arguments.mode]))


def _record_nothing(self: Recorder, activity: Activity) -> None:
    """Whole calls are not recorded."""


async def _serve(data: Path, receive: Any) -> None:
    settings = Settings(data_dir=data, http_port=0, https_port=0, host="127.0.0.1")
    running = Running()
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(settings, running, receive=receive))
        await running.ready.wait()
        settle()
        print(running.http_port, flush=True)


if __name__ == "__main__":
    main()
