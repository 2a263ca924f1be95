from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from models.embedded.arousal import Baseline, Manner, arousal, manner_of
from models.embedded.voice import SILENCE, listen
from tests import media
from tests.models.conftest import voice


def heard(swing: float, pitch: float = 140) -> Manner:
    manner = manner_of(listen(voice(seconds=5, swing=swing, pitch=pitch), 0.0)[0])
    assert manner is not None
    return manner


def test_a_lively_voice_is_more_aroused_than_a_flat_one() -> None:
    flat, ordinary, lively = (arousal(heard(swing), Baseline()) for swing in (0.2, 3, 8))
    assert flat < ordinary < lively
    assert lively - flat > 0.5


def test_a_raised_voice_is_more_aroused_than_the_callers_usual() -> None:
    usual = Baseline().after(heard(3), 30.0)
    assert arousal(heard(3), usual) == pytest.approx(0, abs=0.15)
    assert arousal(heard(3, pitch=200), usual) > 0.3
    assert arousal(heard(3, pitch=100), usual) < -0.3


def test_a_flat_voice_is_usual_for_a_caller_who_always_speaks_so() -> None:
    flat = heard(0.2)
    known = Baseline().after(flat, 60.0)
    assert abs(arousal(flat, known)) < abs(arousal(flat, Baseline())) / 3


def test_an_unknown_callers_pitch_says_nothing() -> None:
    low, high = (arousal(heard(3, pitch), Baseline()) for pitch in (110, 230))
    assert low == pytest.approx(high, abs=0.15)


def test_loudness_says_nothing() -> None:
    quiet, loud = (
        manner_of(listen((gain * voice(seconds=5, swing=3)).astype(np.float32), 0.0)[0])
        for gain in (0.2, 1.0)
    )
    assert quiet is not None and loud is not None
    assert arousal(quiet, Baseline()) == pytest.approx(arousal(loud, Baseline()), abs=0.02)


def test_little_voice_says_little() -> None:
    manner = heard(8)
    assert abs(arousal(Manner(manner.features, 0.3), Baseline())) < abs(arousal(manner, Baseline())) / 2


def test_silence_has_no_manner() -> None:
    assert manner_of(SILENCE) is None
    assert manner_of(listen(np.zeros(80_000, dtype=np.float32), 0.0)[0]) is None


def test_the_baseline_follows_the_caller_and_slows_down() -> None:
    first, other = Manner(np.zeros(4), 5.0), Manner(np.ones(4), 5.0)
    baseline = Baseline().after(first, 10.0)
    early = baseline.after(other, 1.0)
    assert early.features == pytest.approx(np.full(4, 1 / 11))
    for _ in range(100):
        baseline = baseline.after(first, 1.0)
    late = baseline.after(other, 1.0)
    assert late.features == pytest.approx(np.full(4, 1 / 61))
    assert late.seconds == 60
    assert baseline.after(other, 0.0) == baseline


def test_read_speech_is_voice_of_ordinary_arousal(tmp_path: Path) -> None:
    with wave.open(str(media.speech_wav(tmp_path / "speech.wav"))) as file:
        rate, samples = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
    times = np.arange(0, len(samples) / rate, 1 / 16_000)[: 5 * 16_000]
    sound = np.interp(times, np.arange(len(samples)) / rate, samples / 32768).astype(np.float32)
    manner = manner_of(listen(sound, 0.0)[0])
    assert manner is not None
    assert manner.seconds > 1.5
    assert abs(arousal(manner, Baseline())) < 0.6
