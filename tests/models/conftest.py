"""Media and the loaded engine, made once for all tests of this room."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.base import SAMPLE_RATE, DecodedClip, Look
from models.embedded.engine import EmbeddedEngine
from tests import media


@pytest.fixture(scope="session")
def wav(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds and more of speech."""
    return media.speech_wav(tmp_path_factory.mktemp("speech") / "speech.wav")


@pytest.fixture(scope="session")
def smile() -> list[media.Frame]:
    """Seven seconds of a smile, 15 frames a second, small enough to encode quickly."""
    return media.astronaut_frames(105, (480, 360), face=150)


@pytest.fixture(scope="session")
def vp8(smile: list[media.Frame], wav: Path) -> bytes:
    return media.encode_clip(smile[:75], 15, "vp8", wav)


@pytest.fixture(scope="session")
def h264(smile: list[media.Frame], wav: Path) -> bytes:
    return media.encode_clip(smile[:75], 15, "h264", wav)


@pytest.fixture
def engine() -> EmbeddedEngine:
    engine = EmbeddedEngine()
    engine.load()
    return engine


def clip_of(frames: list[media.Frame], *, start: float = 0.0, apart: float = 1.0) -> DecodedClip:
    """A soundless decoded clip of frames so many seconds apart."""
    looks = [Look(time=start + at * apart, rgb=frame) for at, frame in enumerate(frames)]
    return DecodedClip(
        looks=looks,
        waveform=np.zeros(0, dtype=np.float32),
        waveform_start=start,
        start=start,
        end=start + len(frames) * apart,
        has_video=True,
        has_audio=False,
    )


def voice(*, seconds: float, swing: float, pitch: float = 140, seed: int = 0) -> media.NDArray[np.float32]:
    """A synthetic voice: harmonics of a pitch that swings by so many semitones, four syllables a second."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    frequency = pitch * 2 ** (swing / 12 * np.sin(2 * np.pi * 0.8 * time))
    phase = 2 * np.pi * np.cumsum(frequency) / SAMPLE_RATE
    tone = sum(np.sin(n * phase) / n for n in range(1, 15))
    syllables = np.clip(np.sin(2 * np.pi * 4 * time) + 0.5, 0, 1)
    noise = np.random.default_rng(seed).normal(0, 1e-3, len(time))
    return (0.2 * tone * syllables + noise).astype(np.float32)
