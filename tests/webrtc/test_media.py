"""A session's media: what comes in is counted by kind, and a track that falls silent is forgotten in time."""

from __future__ import annotations

from pipeline.frames import EncodedFrame
from webrtc.media import Media
from webrtc.reception import Received, Reception


class Track:
    """Gives a keyframe and frames after it, then ends."""

    def __init__(self, kind, codec, count=3):
        self.kind = kind
        self.dropped = self.unknown_codec = 0
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
    media, tracks = Media(10.0), {"video": Track("video", "vp8"), "audio": Track("audio", "opus")}
    media.begin(tracks)
    await media.feed(tracks)
    assert media.received == {kind: Received(frames=3, bytes=60) for kind in ("video", "audio")}
    assert media.reception() == {kind: Reception(packets=3, lost=1) for kind in ("video", "audio")}


async def test_a_camera_that_is_switched_off_is_forgotten_while_the_sound_goes_on():
    media = Media(10.0)
    await media.feed({"video": Track("video", "vp8", 30), "audio": Track("audio", "opus", 12 * 30)})
    assert media.queue_info().video_frames == 0
    assert 9.9 < media.queue_info().audio_duration <= 10


async def test_what_comes_by_a_new_connection_follows_a_gap_and_what_was_counted_stays():
    media, first, second = Media(10.0), Track("video", "vp8"), Track("video", "vp8", 3)
    media.begin({"video": first})
    await media.feed({"video": first})
    first.dropped, first.unknown_codec = 2, 1
    media.begin({})
    assert (media.dropped, media.unknown_codec) == (2, 1)
    media.begin({"video": second})
    await media.feed({"video": second})
    frames = media.rings["video"].snapshot()
    assert [frame.contiguous for frame in frames] == [True] * 3 + [False, True, True]
    assert (media.dropped, media.received["video"].frames) == (2, 6)
