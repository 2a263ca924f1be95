"""Pipecat's SmallWebRTC transport and a processor that keeps the frames that come in; prints its port."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI
from kept import Kept, announced_port, counted
from loguru import logger
from pipecat.frames.frames import InputAudioRawFrame, InputImageRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.transports.base_transport import TransportParams
from pipecat.transports.smallwebrtc.request_handler import SmallWebRTCRequest, SmallWebRTCRequestHandler
from pipecat.transports.smallwebrtc.transport import SmallWebRTCTransport
from pipecat.workers.runner import WorkerRunner


class Keeping(FrameProcessor):  # type: ignore[misc]
    """The end of the pipeline."""

    def __init__(self) -> None:
        super().__init__()
        self._video, self._audio = Kept("video"), Kept("audio")

    async def process_frame(self, frame: Any, direction: Any) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, InputImageRawFrame):
            self._video.put(frame)
        elif isinstance(frame, InputAudioRawFrame):
            self._audio.put(frame)
        else:
            await self.push_frame(frame, direction)


async def serve(connection: Any) -> None:
    """One call, until it ends."""
    transport = SmallWebRTCTransport(
        webrtc_connection=connection, params=TransportParams(audio_in_enabled=True, video_in_enabled=True)
    )
    worker = PipelineWorker(Pipeline([transport.input(), Keeping()]), idle_timeout_secs=None)

    @transport.event_handler("on_client_connected")  # type: ignore[untyped-decorator]
    async def connected(_: Any, client: Any) -> None:
        # Every frame: it would give pictures only when it is asked for one.
        await transport.capture_participant_video(transport.get_client_id(client), framerate=None)

    @transport.event_handler("on_client_disconnected")  # type: ignore[untyped-decorator]
    async def disconnected(*_: Any) -> None:
        await worker.cancel()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


def main() -> None:
    logger.remove()
    logger.add(sys.stderr, level="ERROR")
    handler = SmallWebRTCRequestHandler()
    app, calls = FastAPI(), set()

    @app.post("/api/offer")  # type: ignore[untyped-decorator]
    async def offer(body: dict) -> Any:  # type: ignore[type-arg]
        async def begin(connection: Any) -> None:
            call = asyncio.create_task(serve(connection))
            calls.add(call)
            call.add_done_callback(calls.discard)

        asked = {key: body[key] for key in ("sdp", "type")}
        return await handler.handle_web_request(SmallWebRTCRequest.from_dict(asked), begin)

    app.get("/stats")(lambda: dict(counted))
    uvicorn.run(app, host="127.0.0.1", port=announced_port(), log_level="warning")


if __name__ == "__main__":
    main()
