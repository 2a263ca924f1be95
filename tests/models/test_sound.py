from __future__ import annotations

import numpy as np

from models.base import SAMPLE_RATE
from models.sound import Piece, waveform


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
