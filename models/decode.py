"""Container bytes or a file, decoded as far as an engine needs to see and hear it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from math import floor, inf
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container.input import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray

from models.base import SAMPLE_RATE, ClipUnreadable, DecodedClip, Look
from models.container import DAMAGE, opened
from models.pictures import INTERVAL, PATIENCE, Pictures, Wanted
from models.sound import Piece, Sound, waveform

WINDOW = 5.0
"""Seconds of a file that are answered for at a time."""

SHORTEST_WINDOW = 0.5
"""Seconds; a rest of a file shorter than this is not a window of its own."""

SKEW = 5.0
"""Seconds that one stream may run ahead of the other in a file before the other is taken to have a gap."""

MOST_SOUND = 120.0
"""Seconds of sound that are held decoded. A file that has more of it at one time than that is broken there."""


def decode_clip(
    data: bytes,
    *,
    start: float,
    end: float,
    wanted: Wanted = list,
    heard_until: float = -inf,
    interval: float = INTERVAL,
) -> DecodedClip:
    """Decode a clip whose time 0 is session second `start`: the looks that are `wanted`, about `interval` seconds
    apart, and the sound since `heard_until`. Raises `ClipUnreadable`."""
    with _opened(BytesIO(data), start, wanted, heard_until, interval) as media:
        for _ in media.read():
            pass
        clip = media.take(start, end)
        # A clip's end is the time of its newest frame, which is the one most worth a look.
        return replace(clip, looks=[*clip.looks, *media.looks])


def decode_file(path: Path, wanted: Wanted = list, interval: float = INTERVAL) -> Iterator[DecodedClip]:
    """Decode a file in successive windows of `WINDOW` seconds, of which one at a time is in memory: the looks
    that are `wanted`, and all sound.

    Times are seconds from the file's beginning; a window with nothing in it is left out. Raises
    `ClipUnreadable`.
    """
    with _file(path) as file, _opened(file, None, wanted, -inf, interval) as media:
        start, given = 0.0, False
        for _ in media.read():
            while media.complete(start, start + WINDOW):
                # Straight to where something is: a broken timestamp may lie a century ahead.
                start = max(start, WINDOW * floor(media.begins / WINDOW))
                if media.complete(start, start + WINDOW):
                    yield media.take(start, min(start + WINDOW, media.ends))
                    start, given = start + WINDOW, True
        if not given:  # not a picture that can be decoded, or none that is wanted, and no sound
            yield media.take(0.0, media.ends)


def first_frame(path: Path) -> NDArray[np.uint8] | None:
    """The first frame of a clip, uint8 of shape (height, width, 3); None if it has no picture.

    Raises `ClipUnreadable`.
    """
    with _file(path) as file, _opened(file, 0.0, list, inf) as media:
        for _ in media.read():
            if media.looks:
                return media.looks[0].rgb
    return None


def _file(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise ClipUnreadable(f"cannot be opened: {error.strerror}") from error


class _Media:
    """An open container and what has been decoded of it and not yet taken."""

    def __init__(
        self, container: InputContainer, offset: float, wanted: Wanted, since: float, interval: float
    ) -> None:
        self._container = container
        self._since = since
        videos = [video for video in container.streams.video if _is_known(video) and not _is_cover(video)]
        self._pictures = Pictures(videos[0], offset, wanted, interval) if videos else None
        audios = [audio for audio in container.streams.audio if _is_known(audio)]
        self._sound = Sound(audios[0], offset, since) if audios else None
        self._streams = [*videos[:1], *audios[:1]]
        self.looks: list[Look] = []
        self._pieces: list[Piece] = []
        self._over = False
        self.ends = -inf
        """Session second up to which packets reached so far."""
        self.begins = inf
        """The earliest session second of what can be taken; infinity when there is nothing."""
        self._samples = 0

    def read(self) -> Iterator[None]:
        """Decode packet by packet, pausing after each. Damage ends the reading like the end of the file does.

        Raises `ClipUnreadable` at the end when nothing could be decoded.
        """
        decoded = False
        for packet in self._packets():
            self._feed(packet)
            decoded = decoded or bool(self.looks or self._pieces)
            yield
            if self._samples > MOST_SOUND * SAMPLE_RATE:
                break
        if self._pictures:
            self._hold(self._pictures.finish(), [])
        if self._sound:
            self._hold([], self._sound.finish())
        self._over = True
        if self.ends == -inf:
            raise ClipUnreadable("neither picture nor sound in it")
        if self._failures() and not (decoded or self.looks or self._pieces):
            raise ClipUnreadable("neither its picture nor its sound could be decoded")
        yield

    def complete(self, start: float, end: float) -> bool:
        """Whether there is something to take, and nothing more to come, between two session seconds."""
        if self.begins == inf:
            return False
        if self._over:
            return start <= 0 or self.ends - start >= SHORTEST_WINDOW
        reached = [part.latest for part in (self._pictures, self._sound) if part]
        return min(reached) >= end + INTERVAL + PATIENCE or max(reached) >= end + SKEW

    def take(self, start: float, end: float) -> DecodedClip:
        """What was decoded between two session seconds, which is then let go."""
        wave, wave_start = waveform(self._pieces, max(start, self._since), end)
        last = self._over and end >= self.ends
        looks = [look for look in self.looks if look.time < end or last]
        later = [look for look in self.looks if not (look.time < end or last)]
        pieces = [piece for piece in self._pieces if piece.end > end and not last]
        self.looks, self._pieces, self.begins, self._samples = [], [], inf, 0
        self._hold(later, pieces)
        return DecodedClip(
            looks=sorted(looks, key=lambda look: look.time),
            waveform=wave,
            waveform_start=wave_start,
            start=start,
            end=end,
            has_video=self._pictures is not None and self._pictures.latest > -inf,
            has_audio=self._sound is not None and self._sound.latest > -inf,
        )

    def _hold(self, looks: Sequence[Look], pieces: Sequence[Piece]) -> None:
        """Keep what was decoded until it is taken."""
        self.looks += looks
        self._pieces += pieces
        self._samples += sum(len(piece.samples) for piece in pieces)
        times = [*(look.time for look in looks), *(piece.start for piece in pieces)]
        self.begins = min([self.begins, *times])

    def _packets(self) -> Iterator[av.Packet[Any]]:
        try:
            yield from self._container.demux(self._streams) if self._streams else ()
        except DAMAGE:
            return

    def _feed(self, packet: av.Packet[Any]) -> None:
        if self._pictures and isinstance(packet.stream, VideoStream):
            self._hold(self._pictures.feed(packet), [])
            reached = self._pictures.latest
        elif self._sound and isinstance(packet.stream, AudioStream):
            self._hold([], self._sound.feed(packet))
            reached = self._sound.latest
        else:
            return
        self.ends = max(self.ends, reached + float((packet.duration or 0) * packet.time_base))

    def _failures(self) -> int:
        return sum(part.failures for part in (self._pictures, self._sound) if part)


def _is_known(stream: VideoStream | AudioStream) -> bool:
    """Whether there is a decoder for it: PyAV gives none for a codec that it does not know."""
    context: object = stream.codec_context
    return context is not None


def _is_cover(video: VideoStream) -> bool:
    """Whether a stream is an album's cover, not moving pictures."""
    return bool(video.disposition & Disposition.attached_pic)


@contextmanager
def _opened(
    file: BinaryIO, offset: float | None, wanted: Wanted, since: float, interval: float = INTERVAL
) -> Iterator[_Media]:
    """The container in `file`. Without an `offset`, its first timestamp is second 0."""
    with opened(file) as container:
        if offset is None:
            offset = -(container.start_time or 0) / av.time_base
        yield _Media(container, offset, wanted, since, interval)
