"""The media of one session: its tracks, their clock and their rings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from pipeline.clip import Cut, cut
from pipeline.clock import SessionClock
from pipeline.frames import EncodedFrame, Kind
from pipeline.ring import Ring
from webrtc.messages import QueueInfo
from webrtc.reception import Received, Reception
from webrtc.tap import EncodedTrack

RING_BYTES: dict[Kind, int] = {"video": 16 * 1024 * 1024, "audio": 1024 * 1024}
"""What a ring may hold at most: 10 s of video at 13 Mb/s, of audio at 800 kb/s."""

SILENT_AFTER = 1.0
"""Seconds without a frame after which a track is taken to be switched off, and not merely late."""


class Media:
    """Feeds each track into its ring and says when a keyframe has come. Rings and clock outlive the tracks of one
    connection."""

    def __init__(self, ring_duration: float) -> None:
        self._duration = ring_duration
        self._tracks: dict[Kind, EncodedTrack] = {}
        self._after_a_gap: set[Kind] = set()
        self._dropped = self._unknown_codec = 0
        self._keyframe = asyncio.Event()
        self.sink: Callable[[EncodedFrame], None] | None = None
        """Is given each frame as it comes; it must not take longer than to put it into a list."""
        self.clock = SessionClock(time.monotonic())
        self.heard = 0.0
        """When a frame came last, in monotonic seconds."""
        self.received: dict[Kind, Received] = {"video": Received(), "audio": Received()}
        self.rings: dict[Kind, Ring] = {
            "video": Ring(ring_duration, RING_BYTES["video"]),
            "audio": Ring(ring_duration, RING_BYTES["audio"]),
        }

    def begin(self, tracks: Mapping[Kind, EncodedTrack]) -> None:
        """From now on these are the tracks, in place of those before; none where nobody is connected."""
        self._dropped, self._unknown_codec = self.dropped, self.unknown_codec
        self._tracks = dict(tracks)
        self._after_a_gap = {kind for kind, ring in self.rings.items() if ring.newest is not None}
        self.clock.begin()
        if tracks:
            self.heard = time.monotonic()

    async def feed(self, tracks: Mapping[Kind, EncodedTrack]) -> None:
        """Feed the rings from tracks until every one has ended."""
        async with asyncio.TaskGroup() as group:
            for kind, track in tracks.items():
                group.create_task(track.feed(partial(self._take, self.rings[kind], self.received[kind])))

    def _take(self, ring: Ring, received: Received, frame: EncodedFrame) -> None:
        if self._after_a_gap and frame.kind in self._after_a_gap:
            self._after_a_gap.discard(frame.kind)
            frame = replace(frame, contiguous=False)
        ring.append(frame)
        if self.sink is not None:
            self.sink(frame)
        self.heard = time.monotonic()
        received.frames += 1
        received.bytes += len(frame.data)
        if frame.keyframe and frame.codec != "opus":
            self._keyframe.set()

    def _age(self) -> None:
        """A camera that is switched off leaves no picture of long ago behind while the sound goes on."""
        newest = [ring.newest.start for ring in self.rings.values() if ring.newest is not None]
        for ring in self.rings.values():
            if ring.newest is not None and max(newest) - ring.newest.start > SILENT_AFTER:
                ring.age(max(newest))

    async def fresh_keyframe(self, deadline: float) -> bool:
        """Ask for a keyframe and wait for it, `deadline` seconds at most. True when it came."""
        track = self._tracks.get("video")
        if track is None or self.rings["video"].newest is None:
            if track is not None:
                await track.request_keyframe()
            return False
        self._keyframe.clear()
        await track.request_keyframe()
        try:
            async with asyncio.timeout(deadline):
                await self._keyframe.wait()
        except TimeoutError:
            return False
        return True

    def cut(self, length: float, since: float) -> Cut | None:
        """The last `length` seconds of both tracks from session second `since` on, or None while there is nothing."""
        self._age()
        return cut(self.rings["video"].snapshot(), self.rings["audio"].snapshot(), length, since)

    @property
    def kinds(self) -> frozenset[Kind]:
        """The tracks that the call has."""
        return frozenset(self._tracks)

    def now(self) -> float:
        """Seconds on the session's clock."""
        return time.monotonic() - self.clock.origin

    def queue_info(self) -> QueueInfo:
        self._age()
        video, audio = self.rings["video"], self.rings["audio"]
        return QueueInfo(
            video_frames=len(video),
            audio_chunks=len(audio),
            video_duration=round(video.duration, 3),
            audio_duration=round(audio.duration, 3),
            max_duration=self._duration,
        )

    def reception(self) -> dict[Kind, Reception]:
        """How the packets of each track have come so far."""
        return {kind: track.reception() for kind, track in self._tracks.items()}

    @property
    def unknown_codec(self) -> int:
        """Frames of codecs that cannot be kept."""
        return self._unknown_codec + sum(track.unknown_codec for track in self._tracks.values())

    @property
    def dropped(self) -> int:
        """Frames that the rings' consumer was too late for."""
        return self._dropped + sum(track.dropped for track in self._tracks.values())
