"""FastRTC with a handler of picture and sound that keeps what it is given; prints its port."""

from __future__ import annotations

import asyncio
import os
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import uvicorn
from fastapi import FastAPI
from fastrtc import AsyncAudioVideoStreamHandler, Stream
from kept import Kept, announced_port, counted


class Keeping(AsyncAudioVideoStreamHandler):  # type: ignore[misc]
    """Says nothing itself: to return at once from `emit` would have FastRTC ask again without a pause."""

    def __init__(self) -> None:
        super().__init__(input_sample_rate=48_000)
        self._video, self._audio = Kept("video"), Kept("audio")

    def copy(self) -> Keeping:
        return Keeping()

    async def start_up(self) -> None:
        pass

    async def receive(self, frame: Any) -> None:
        self._audio.put(frame)

    async def video_receive(self, frame: Any) -> None:
        self._video.put(frame)

    async def emit(self) -> None:
        await asyncio.Event().wait()

    async def video_emit(self) -> None:
        await asyncio.Event().wait()


def main() -> None:
    # It takes a track up only once it is asked for output, so that nothing but "send-receive" receives anything.
    stream = Stream(
        Keeping(),
        modality="audio-video",
        mode="send-receive",
        concurrency_limit=100,
        server_rtc_configuration={"iceServers": []},
    )
    app = FastAPI()
    stream.mount(app)
    app.get("/stats")(lambda: dict(counted))
    uvicorn.run(app, host="127.0.0.1", port=announced_port(), log_level="warning")


if __name__ == "__main__":
    main()
