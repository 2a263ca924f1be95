"""A model's server over real HTTP, and clips to send it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from models import refusal
from models.base import SAMPLE_RATE, DecodedClip, EmotionResult, Language, Question
from models.catalog import RemoteConfig
from models.remote.engine import RemoteEngine
from tests.models.conftest import clip_of
from tests.openai_server import OpenAIServer

RED, BLUE, YELLOW, DARK = (220, 20, 20), (20, 20, 220), (240, 230, 20), (10, 10, 10)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little to wait for between attempts."""
    monkeypatch.setattr(refusal, "FIRST_PAUSE", 0.02)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def engine(server: OpenAIServer) -> RemoteEngine:
    """Loaded; the requests that took are forgotten."""
    engine = loaded(server)
    server.served.clear()
    return engine


def loaded(server: OpenAIServer, **config: str) -> RemoteEngine:
    engine = RemoteEngine(RemoteConfig(base_url=server.url, **config))
    engine.load(lambda _: None)
    return engine


def shown(
    colour: tuple[int, int, int] = YELLOW,
    *,
    looks: int = 5,
    loud: float = 0.3,
    size: tuple[int, int] = (64, 48),
) -> DecodedClip:
    """A clip of one colour, a look a second, with noise so loud; without sound when that is 0."""
    frame = np.full((size[1], size[0], 3), colour, dtype=np.uint8)
    clip = clip_of([frame] * looks, start=10.0)
    noise = np.random.default_rng(0).uniform(-loud, loud, 5 * SAMPLE_RATE).astype(np.float32)
    sound = noise if loud else np.zeros(0, dtype=np.float32)
    return replace(clip, waveform=sound, has_audio=bool(loud), end=15.0)


def ask(
    engine: RemoteEngine, clip: DecodedClip, language: Language = "en", prompt: str | None = None
) -> EmotionResult:
    question = Question(session_id="a", language=language, prompt=prompt)
    return engine.analyze(clip, question, decode_ms=1.0)
