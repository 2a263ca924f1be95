"""A session's media: what comes in is counted by kind."""

from __future__ import annotations

from types import SimpleNamespace

from aiortc.mediastreams import MediaStreamError

from pipeline.frames import EncodedFrame
from webrtc.media import Media
from webrtc.reception import Received, Reception


class Track:
    """Yields a keyframe and two frames after it, then ends."""

    def __init__(self, kind, codec):
        self.kind = kind
        self._frames = [
            EncodedFrame(codec=codec, data=bytes(10 * n), start=n / 30, keyframe=n == 1) for n in (1, 2, 3)
        ]

    async def recv(self):
        if not self._frames:
            raise MediaStreamError
        return self._frames.pop(0)

    def reception(self):
        return Reception(packets=3, lost=1)


async def test_frames_and_bytes_are_counted_by_kind_until_the_tracks_end():
    tracks = iter([Track("video", "vp8"), Track("audio", "opus")])
    media = Media(10.0, lambda *_: next(tracks))
    for _ in range(2):
        media.add(SimpleNamespace())
    await media.run()
    assert media.received == {kind: Received(frames=3, bytes=60) for kind in ("video", "audio")}
    assert media.reception() == {kind: Reception(packets=3, lost=1) for kind in ("video", "audio")}
