"""The engine that asks Qwen2.5-Omni or Qwen3-Omni, read from a folder on this machine."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from math import inf
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING

from models.base import (
    DecodedClip,
    EmotionResult,
    EngineUnavailable,
    Latency,
    Progress,
    Question,
)
from models.catalog import QwenConfig, not_set_up
from models.meaning import describe_face, describe_shown, valence, with_caution
from models.prompt import DESCRIPTION
from models.qwen.folder import checked
from models.qwen.recording import recording, sound_of, with_sound
from models.qwen.scoring import description, likeliest, probabilities
from models.selection import audible

if TYPE_CHECKING:
    from models.qwen.thinker import Thinker

GPU_DEADLINE, CPU_DEADLINE = 15.0, 60.0
"""Seconds for a clip of five seconds."""

ENOUGH = 0.8
"""Share of the deadline after which a description is given up: the class, which is known by then, is not."""


class QwenEngine:
    """Class and description from picture, voice and words together. Implements `models.base.Engine`."""

    name = "qwen"
    parallel = 1
    interval = 1.0

    def __init__(self, config: QwenConfig) -> None:
        self._config = config
        self._thinker: Thinker | None = None
        self._loading = Lock()
        self.deadline = CPU_DEADLINE
        self.tokens = 0
        """That went through the language model in all analyses so far, for measuring its speed."""

    @property
    def is_loaded(self) -> bool:
        """Whether it can answer."""
        return self._thinker is not None

    def load(self, progress: Progress = lambda _: None) -> None:
        """Read the weights, which takes from seconds to minutes, unless they are. Raises `EngineUnavailable`."""
        with self._loading:
            if self._thinker is None:
                self._thinker = _load(self._config, progress)
                self.deadline = GPU_DEADLINE if self._thinker.on_gpu else CPU_DEADLINE

    def unload(self) -> None:
        """Let the weights go, and the memory of the GPUs with them."""
        with self._loading:
            if self._thinker is None:
                return
            self._thinker = None
        import torch

        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def wanted(self, session_id: str, times: Sequence[float]) -> Sequence[float]:
        """All of `times`: every window is looked at anew."""
        return times

    def heard_until(self, session_id: str) -> float:
        """Minus infinity: nothing is kept."""
        return -inf

    def forget(self, session_id: str) -> None:
        """Nothing was kept."""

    def analyze(self, clip: DecodedClip, question: Question, *, decode_ms: float) -> EmotionResult:
        """Answer for the window of `clip`. Raises `EngineUnavailable` when not loaded, and `EngineFailed`."""
        thinker = self._thinker
        if thinker is None:
            raise EngineUnavailable("the Qwen engine was not loaded", "unloaded")
        began = perf_counter()
        sound = audible(clip.waveform)
        if not clip.looks and sound is None:
            return _unknown(clip, question, decode_ms)
        inputs = thinker.inputs(clip.looks, sound, question.language)
        features_ms = _since(began)
        conversation = thinker.read(inputs)
        shares = probabilities(conversation, thinker.chat)
        emotion = likeliest(shares)
        asked = question.prompt or DESCRIPTION[question.language]
        late = began + ENOUGH * self.deadline
        said = description(conversation, thinker.chat, emotion, asked, in_time=lambda: perf_counter() < late)
        said = said or describe_shown(
            emotion, None, shares[emotion], question.language, seen=bool(clip.looks)
        )
        self.tokens += conversation.tokens
        total_ms = _since(began)
        return EmotionResult(
            emotion=emotion,
            reason=None,
            probabilities=shares,
            confidence=shares[emotion],
            valence=valence(shares),
            arousal=None,
            description=said if sound is not None else with_caution(said, question.language),
            window_start=clip.start,
            window_end=clip.end,
            engine=self.name,
            latency=_latency(decode_ms, features_ms, total_ms - features_ms),
        )

    def analyze_video(
        self, path: Path, audio_path: Path | None = None, prompt: str | None = None
    ) -> EmotionResult:
        """Answer for a whole file, up to its first half minute; the sound of another, where one is named, takes the
        place of its own. Raises `ClipUnreadable` and what `analyze` does."""
        began = perf_counter()
        clip = recording(path)
        if audio_path is not None:
            clip = with_sound(clip, sound_of(audio_path))
        return self.analyze(clip, _about_a_file(prompt), decode_ms=_since(began))

    def analyze_audio(self, path: Path, prompt: str | None = None) -> EmotionResult:
        """Answer for the sound of a file, up to its first half minute. Raises `ClipUnreadable` and what `analyze`
        does."""
        began = perf_counter()
        return self.analyze(sound_of(path), _about_a_file(prompt), decode_ms=_since(began))


def _load(config: QwenConfig, progress: Progress) -> Thinker:
    if config.path is None:
        raise EngineUnavailable(not_set_up(config) or "no folder", "not_set_up")
    folder = checked(config.path)
    try:
        from models.qwen.weights import load
    except ImportError as error:
        raise EngineUnavailable(
            f"{error.name} is not installed: make install-models", "not_installed"
        ) from error
    return load(folder, config.device, config.max_gpus, progress)


def _unknown(clip: DecodedClip, question: Question, decode_ms: float) -> EmotionResult:
    return EmotionResult(
        emotion="unknown",
        reason="no_video",
        probabilities={},
        confidence=0.0,
        valence=None,
        arousal=None,
        description=describe_face(None, "no_video", None, question.language),
        window_start=clip.start,
        window_end=clip.end,
        engine=QwenEngine.name,
        latency=_latency(decode_ms, 0.0, 0.0),
    )


def _latency(decode: float, features: float, inference: float) -> Latency:
    return Latency(decode=decode, features=features, inference=inference, total=decode + features + inference)


def _about_a_file(prompt: str | None) -> Question:
    return Question(session_id="file", prompt=prompt)


def _since(began: float) -> float:
    """Milliseconds."""
    return (perf_counter() - began) * 1000
