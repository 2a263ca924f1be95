from __future__ import annotations

import numpy as np
import pytest

from models.base import SAMPLE_RATE
from models.embedded.voice import HOP, LOWEST, SILENCE, listen
from tests.models.conftest import voice


def hertz(semitones: np.ndarray) -> np.ndarray:
    return LOWEST * 2 ** (semitones / 12)


@pytest.mark.parametrize("pitch", [85, 120, 210, 400])
def test_the_pitch_of_a_voice_is_found(pitch: float) -> None:
    frames, _ = listen(voice(seconds=2, swing=0, pitch=pitch), 0.0)
    found = hertz(frames.pitch[frames.spoken()])
    assert len(found) > 50
    assert np.median(found) == pytest.approx(pitch, rel=0.02)
    assert np.mean(np.abs(found / pitch - 1) > 0.1) < 0.05


@pytest.mark.parametrize("level", [0.0, 1e-4, 0.1])
def test_noise_and_silence_are_no_voice(level: float) -> None:
    noise = np.random.default_rng(0).normal(0, level, 3 * SAMPLE_RATE).astype(np.float32)
    frames, _ = listen(noise, 0.0)
    assert frames.spoken().mean() < 0.02


def test_a_hum_that_never_pauses_is_no_voice() -> None:
    time = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    hum = (0.1 * np.sin(2 * np.pi * 120 * time)).astype(np.float32)
    frames, _ = listen(hum, 0.0)
    assert np.isfinite(frames.pitch).mean() > 0.9
    assert not frames.spoken().any()


def test_sound_heard_in_parts_is_the_sound_heard_at_once() -> None:
    sound = voice(seconds=3, swing=3)
    whole, _ = listen(sound, 10.0)
    parts, at = SILENCE, 10.0
    for end in (11.0, 12.04, 13.0):
        first = round((at - 10) * SAMPLE_RATE)
        new, at = listen(sound[first : round((end - 10) * SAMPLE_RATE)], at)
        parts = parts.then(new)
    assert parts.times == pytest.approx(whole.times)
    assert np.nan_to_num(parts.pitch) == pytest.approx(np.nan_to_num(whole.pitch), abs=1e-3)


def test_frames_know_their_time() -> None:
    frames, until = listen(voice(seconds=1, swing=0), 20.0)
    assert frames.times[0] == pytest.approx(20.02)
    assert np.diff(frames.times) == pytest.approx(HOP / SAMPLE_RATE)
    assert until == pytest.approx(frames.times[-1] + 0.01 - 0.02)
    assert (frames.between(20.5, 20.6).times >= 20.5).all()


def test_too_little_sound_waits_for_more() -> None:
    frames, until = listen(np.zeros(600, dtype=np.float32), 3.0)
    assert (len(frames.times), until) == (0, 3.0)


def test_broken_samples_break_nothing() -> None:
    sound = voice(seconds=1, swing=0)
    sound[100:200] = np.nan
    sound[300] = np.inf
    frames, _ = listen(sound, 0.0)
    assert np.isfinite(frames.level).all()
