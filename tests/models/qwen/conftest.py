"""Tiny models, made and loaded once for all tests of this room, and a clip to ask them about."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from models.base import SAMPLE_RATE, DecodedClip, Look, Question
from models.catalog import QwenConfig
from models.qwen.engine import QwenEngine
from models.qwen.folder import checked
from tests import media
from tests.models.qwen.tiny import Kind, save_tiny_qwen

QUESTION = Question(session_id="call")


@pytest.fixture(scope="session", autouse=True)
def one_core() -> Iterator[None]:
    """Tiny models are slower on several threads, much so when other tests run beside them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "sched_getaffinity", lambda _: {0})
        yield


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Kind], Path]:
    """The folder of a tiny model, which is not to be changed."""
    made: dict[Kind, Path] = {}

    def folder(kind: Kind) -> Path:
        if kind not in made:
            made[kind] = save_tiny_qwen(tmp_path_factory.mktemp(kind), kind)
        return made[kind]

    return folder


@pytest.fixture(scope="session", params=["qwen2.5", "qwen3"])
def engine(request, folder_of) -> QwenEngine:
    """A loaded engine of either generation."""
    engine = QwenEngine(QwenConfig(path=folder_of(request.param), device="cpu"))
    engine.load()
    return engine


@pytest.fixture
def thinker(engine: QwenEngine):
    """The Thinker of a loaded engine."""
    return engine._thinker


@pytest.fixture
def loaded(folder_of):
    """A Thinker of a kind, the test's own."""

    def load(kind: Kind):
        from models.qwen.weights import load

        return load(checked(folder_of(kind)), "cpu", 1, lambda _: None)

    return load


def tone(seconds: float, pitch: float = 220.0) -> np.ndarray:
    """A waveform that can be heard."""
    return (0.2 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE)).astype(
        np.float32
    )


def looks_of(frames: list[media.Frame], apart: float = 1.0) -> list[Look]:
    return [Look(time=at * apart, rgb=frame) for at, frame in enumerate(frames)]


def clip(looks: list[Look], waveform: np.ndarray) -> DecodedClip:
    return DecodedClip(
        looks=looks,
        waveform=waveform,
        waveform_start=10.0,
        start=10.0,
        end=15.0,
        has_video=bool(looks),
        has_audio=len(waveform) > 0,
    )


@pytest.fixture(scope="session")
def face() -> list[Look]:
    """Two looks at a smile."""
    return looks_of(media.astronaut_frames(2, (160, 120), face=60))


NO_SOUND = np.zeros(0, dtype=np.float32)
