from __future__ import annotations

from io import BytesIO
from itertools import pairwise

import av
import numpy as np
import pytest

from models.base import SAMPLE_RATE
from models.decode import decode_clip
from models.sound import JITTER, Piece, Sound, waveform


def ones(start: float, seconds: float) -> Piece:
    return Piece(start, np.ones(round(seconds * SAMPLE_RATE), dtype=np.float32))


def test_gaps_are_silence() -> None:
    wave, start = waveform([ones(1.0, 0.5), ones(2.0, 0.5)], 0.0, 5.0)
    assert start == 1.0
    assert len(wave) == 1.5 * SAMPLE_RATE
    assert wave[: SAMPLE_RATE // 2].all() and not wave[SAMPLE_RATE // 2 : SAMPLE_RATE].any()
    assert wave[SAMPLE_RATE:].all()


def test_sound_outside_the_span_is_cut() -> None:
    wave, start = waveform([ones(0.0, 10.0)], 3.0, 4.0)
    assert (start, len(wave)) == (3.0, SAMPLE_RATE)


def test_no_sound_is_an_empty_waveform() -> None:
    wave, start = waveform([], 3.0, 4.0)
    assert (start, len(wave)) == (3.0, 0)


def pieces_of(data: bytes, *, offset: float = 0.0, since: float = -np.inf) -> list[Piece]:
    with av.open(BytesIO(data)) as container:
        sound = Sound(container.streams.audio[0], offset, since)
        return [piece for packet in container.demux(audio=0) for piece in sound.feed(packet)]


def test_pieces_follow_each_other_without_cracks(vp8: bytes) -> None:
    pieces = pieces_of(vp8, offset=100.0)
    assert len(pieces) > 200
    assert pieces[0].start == pytest.approx(100.0, abs=JITTER)
    assert all(piece.start == before.end for before, piece in pairwise(pieces))


def test_sound_long_before_what_is_wanted_is_not_decoded(vp8: bytes) -> None:
    assert 3.7 < pieces_of(vp8, since=4.0)[0].start < 4.0


def adts(layout: str, seconds: float, rate: int = 48_000) -> bytes:
    """A tone as AAC, in the stream format whose pieces may simply be put behind one another."""
    file = BytesIO()
    with av.open(file, "w", format="adts") as container:
        stream = container.add_stream("aac", rate=rate, layout=layout)
        tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(rate * seconds)) / rate)
        channels = np.tile(tone.astype(np.float32), (2 if layout == "stereo" else 1, 1))
        frame = av.AudioFrame.from_ndarray(channels, format="fltp", layout=layout)
        frame.sample_rate, frame.pts = rate, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def test_a_stream_that_changes_its_channels_goes_on() -> None:
    clip = decode_clip(adts("mono", 2) + adts("stereo", 2), start=0.0, end=10.0)
    assert len(clip.waveform) == pytest.approx(4 * SAMPLE_RATE, rel=0.1)
    for part in np.split(clip.waveform[: len(clip.waveform) // 8 * 8], 8)[1:-1]:
        crossings = np.count_nonzero(np.diff(np.signbit(part))) / 2
        assert crossings / (len(part) / SAMPLE_RATE) == pytest.approx(440, rel=0.1)
