"""Streams that change in the middle of a call: clips stay valid and the call goes on."""

from __future__ import annotations

import asyncio

import av
import pytest

from bench.caller import Caller, Player, Source
from bench.media import material
from tests.server import serving


def look(path):
    """The sizes of a clip's pictures and its kinds; decoding raises on anything that does not belong."""
    sizes, kinds = set(), set()
    with av.open(str(path)) as file:
        for stream in file.streams:
            stream.codec_context.thread_type = "NONE"
        for frame in file.decode():
            kinds.add("video" if isinstance(frame, av.VideoFrame) else "audio")
            if isinstance(frame, av.VideoFrame):
                assert not frame.is_corrupt
                sizes.add((frame.width, frame.height))
    return sizes, kinds


@pytest.mark.slow
async def test_another_camera_none_for_a_while_and_the_first_again(tmp_path):
    async with asyncio.TaskGroup() as group:
        for codec in ("vp8", "h264"):
            group.create_task(cameras_change(tmp_path / codec, codec))


async def cameras_change(tmp_path, codec):
    small, large = (Source.read(material(codec, size)) for size in ((320, 240), (640, 360)))
    async with serving(tmp_path, save_interval=0.5, buffer_duration=3.0) as server:
        caller = Caller(server.url, small, consent={"analysis": True, "recording": True})
        await caller.connect()
        caller.say("start_recording")
        (sender,) = [each for each in caller.peer.getSenders() if each.kind == "video"]
        seen, both = [], {"audio", "video"}
        for source, seconds, expected in (
            (small, 3.0, ({(320, 240)}, both)),
            (large, 3.0, ({(640, 360)}, both)),
            (None, 3.5, (set(), {"audio"})),  # with the camera off the sound is kept
            (small, 3.5, ({(320, 240)}, both)),
        ):
            if seen:
                sender.replaceTrack(Player("video", source) if source else None)
            before = len(seen)
            await asyncio.sleep(seconds)
            async with asyncio.timeout(15):
                while len(seen) == before or seen[-1] != expected:
                    for clip in caller.heard("clip_saved")[len(seen) :]:
                        path = server.data / "videos" / clip["video_name"]
                        seen.append(await asyncio.to_thread(look, path))
                    await asyncio.sleep(0.1)
        assert all(len(sizes) <= 1 for sizes, _ in seen), "a clip is of one size"
        assert all("audio" in kinds for _, kinds in seen)
        windows = [result["window_end"] for result in caller.heard("emotion_result")]
        assert windows == sorted(windows) and windows[-1] > 11.0, "analysis goes on"
        await caller.close()
