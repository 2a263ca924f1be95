"""A session's media: what comes in is counted by kind, and a track that falls silent is forgotten in time."""

from __future__ import annotations

from types import SimpleNamespace

from pipeline.frames import EncodedFrame
from webrtc.media import Media
from webrtc.reception import Received, Reception


class Track:
    """Gives a keyframe and frames after it, then ends."""

    def __init__(self, kind, codec, count=3):
        self.kind = kind
        self._frames = [
            EncodedFrame(codec=codec, data=bytes(10 * n), start=n / 30, keyframe=n == 1 or codec == "opus")
            for n in range(1, count + 1)
        ]

    async def feed(self, sink):
        for frame in self._frames:
            sink(frame)

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


async def test_a_camera_that_is_switched_off_is_forgotten_while_the_sound_goes_on():
    tracks = iter([Track("video", "vp8", 30), Track("audio", "opus", 12 * 30)])
    media = Media(10.0, lambda *_: next(tracks))
    for _ in range(2):
        media.add(SimpleNamespace())
    await media.run()
    assert media.queue_info().video_frames == 0
    assert 9.9 < media.queue_info().audio_duration <= 10
