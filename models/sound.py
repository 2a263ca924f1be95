"""A clip's sound as one mono waveform, its pieces laid where their timestamps say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.error import FFmpegError
from numpy.typing import NDArray

from models.base import SAMPLE_RATE

JITTER = 0.03
"""Seconds by which a timestamp may be off without being a gap: containers round them to 1 ms, and a live
sender's packets are 20 ms, so that one lost packet is a gap."""

WARM_UP = 0.2
"""Seconds decoded before the first wanted sample: an Opus decoder needs 80 ms to converge (RFC 7845, 4.6)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Decoded sound without a gap: mono float32 at `SAMPLE_RATE`, from session second `start`."""

    start: float
    samples: NDArray[np.float32]

    @property
    def end(self) -> float:
        """The session second after the last sample."""
        return self.start + len(self.samples) / SAMPLE_RATE


class Sound:
    """Takes an audio stream's packets in order and gives the pieces of sound."""

    def __init__(self, stream: AudioStream, offset: float, since: float) -> None:
        """`offset` is the session second at which the stream's time is 0; nothing much before `since` is decoded."""
        self._stream = stream
        self._offset = offset
        self._since = since - WARM_UP
        self._resampler = AudioResampler(format="fltp", layout="mono", rate=SAMPLE_RATE)
        self._end: float | None = None
        self.latest = -np.inf
        """Session second of the newest packet."""
        self.failures = 0

    def feed(self, packet: av.Packet[AudioStream]) -> list[Piece]:
        """The pieces in this packet. Undecodable data is counted in `failures` and passed over."""
        base = self._stream.time_base
        if packet.pts is None or base is None:
            return []
        self.latest = self._offset + float(packet.pts * base)
        if self.latest < self._since:
            return []
        try:
            return self._pieces(self._stream.codec_context.decode(packet))
        except FFmpegError:
            self.failures += 1
            return []

    def finish(self) -> list[Piece]:
        """What decoder and resampler still held."""
        try:
            return self._pieces([*self._stream.codec_context.decode(None), None])
        except FFmpegError:
            return []

    def _pieces(self, frames: Iterable[AudioFrame | None]) -> list[Piece]:
        pieces = []
        for frame in frames:
            time = None
            if frame is not None and frame.pts is not None and frame.time_base is not None:
                time = self._offset + float(frame.pts * frame.time_base)
            for resampled in self._resampled(frame):
                start = self._placed(time)
                piece = Piece(start, resampled.to_ndarray().reshape(-1).astype(np.float32, copy=False))
                self._end = piece.end
                pieces.append(piece)
        return pieces

    def _resampled(self, frame: AudioFrame | None) -> list[AudioFrame]:
        try:
            return self._resampler.resample(frame)
        except ValueError:  # the stream changed its rate or layout: PyAV's resampler is bound to the first
            self._resampler = AudioResampler(format="fltp", layout="mono", rate=SAMPLE_RATE)
            return self._resampler.resample(frame)

    def _placed(self, time: float | None) -> float:
        """Where a frame starts: right after the last one, unless its timestamp says clearly otherwise."""
        if self._end is not None and (time is None or abs(time - self._end) < JITTER):
            return self._end
        return self._offset if time is None else time


def waveform(pieces: Iterable[Piece], start: float, end: float) -> tuple[NDArray[np.float32], float]:
    """The sound between two session seconds and the second of its first sample; gaps are silence.

    It begins and ends with the first and last piece there, so that sound yet to come is not taken for silence.
    """
    inside = [piece for piece in pieces if piece.end > start and piece.start < end]
    if not inside:
        return np.zeros(0, dtype=np.float32), start
    start = max(start, min(piece.start for piece in inside))
    end = min(end, max(piece.end for piece in inside))
    wave = np.zeros(max(0, round((end - start) * SAMPLE_RATE)), dtype=np.float32)
    for piece in inside:
        at = round((piece.start - start) * SAMPLE_RATE)
        samples = piece.samples[max(0, -at) : max(0, len(wave) - at)]
        wave[max(0, at) : max(0, at) + len(samples)] = samples
    return wave, start
