"""The engine that needs no download: small networks for the face, prosody for the voice, one look per frame."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.base import (
    EMOTIONS,
    SAMPLE_RATE,
    DecodedClip,
    Emotion,
    EmotionResult,
    EngineUnavailable,
    FaceBox,
    Language,
    Latency,
    Look,
    Progress,
    Question,
    UnknownReason,
)
from models.catalog import EmbeddedConfig
from models.embedded.arousal import arousal, manner_of, voice_seconds
from models.embedded.expression import ExpressionNetworks, join
from models.embedded.fusion import Seen, fuse, last_face
from models.embedded.memory import SessionMemory
from models.embedded.sight import Sight
from models.embedded.voice import listen
from models.meaning import describe, valence
from models.memory import KEPT, Memory


class EmbeddedEngine:
    """Valence and class from the face, arousal from the voice. Implements `models.base.Engine`."""

    name = "embedded"
    parallel = 1
    deadline = 10.0

    def __init__(self, config: EmbeddedConfig | None = None) -> None:
        self.interval = 1.0 / (config or EmbeddedConfig()).looks_per_second
        self._memory = Memory(SessionMemory)
        self._sight: Sight | None = None
        self._networks: ExpressionNetworks | None = None

    def load(self, progress: Progress = lambda _: None) -> None:
        """Load the networks, about 0.1 s. Raises `EngineUnavailable`."""
        self._sight, self._networks = Sight(), ExpressionNetworks()

    def wanted(self, session_id: str, times: Sequence[float]) -> Sequence[float]:
        """Those of `times` that were not looked at yet."""
        return self._memory.of(session_id).unseen(times, self.interval)

    def heard_until(self, session_id: str) -> float:
        """Up to which session second the sound is known."""
        return self._memory.of(session_id).heard_until

    def forget(self, session_id: str) -> None:
        """Drop what was kept of a session."""
        self._memory.forget(session_id)

    def analyze(self, clip: DecodedClip, question: Question, *, decode_ms: float) -> EmotionResult:
        """Answer for the window of `clip`. Raises `EngineUnavailable` when not loaded."""
        if self._sight is None or self._networks is None:
            raise EngineUnavailable("the embedded engine was not loaded", "unloaded")
        began = perf_counter()
        memory = self._memory.of(question.session_id)
        inference_ms = sum(_look(look, memory, self._sight, self._networks) for look in clip.looks)
        spoken = _hear(clip, memory)
        features_ms = _since(began) - inference_ms
        fused = fuse(memory.seen, clip.start, clip.end)
        face = last_face(memory.seen, clip.start, clip.end)
        memory.let_go(clip.end - KEPT)
        total_ms = _since(began)
        latency = Latency(
            decode=decode_ms,
            features=features_ms,
            inference=total_ms - features_ms,
            total=decode_ms + total_ms,
        )
        return _result(fused, spoken, face, clip, latency, question.language)


def _look(look: Look, memory: SessionMemory, sight: Sight, networks: ExpressionNetworks) -> float:
    """Remember what a frame shows; the milliseconds that the expression networks took."""
    sighting = sight(look.rgb, memory.sighting)
    memory.sighting = sighting if sighting.face is not None else memory.sighting
    height, width = look.rgb.shape[:2]
    face = sighting.face.within(width, height) if sighting.face is not None else None
    if not isinstance(sighting.read, Image.Image):
        memory.seen.append(Seen(time=look.time, reason=sighting.read, face=face))
        return 0.0
    began = perf_counter()
    memory.seen.append(Seen(time=look.time, probabilities=join(*networks(sighting.read)), face=face))
    return _since(began)


def _since(began: float) -> float:
    """Milliseconds."""
    return (perf_counter() - began) * 1000


def _hear(clip: DecodedClip, memory: SessionMemory) -> float | None:
    """Remember what is new in the clip's sound; the arousal of the window's voice, None when there is none."""
    skipped = max(0.0, memory.heard_until - clip.waveform_start)
    first = round(skipped * SAMPLE_RATE)
    new, until = listen(clip.waveform[first:], clip.waveform_start + first / SAMPLE_RATE)
    memory.voice = memory.voice.then(new)
    memory.heard_until = max(memory.heard_until, until) if len(clip.waveform) else memory.heard_until
    window = memory.voice.between(clip.start, clip.end)
    manner = manner_of(window)
    if manner is None:
        return None
    answer = arousal(manner, memory.baseline)
    new_seconds = voice_seconds(window.spoken() & np.isin(window.times, new.times))
    memory.baseline = memory.baseline.after(manner, new_seconds)
    return answer


def _result(
    fused: NDArray[np.float64] | UnknownReason,
    spoken: float | None,
    face: FaceBox | None,
    clip: DecodedClip,
    latency: Latency,
    language: Language,
) -> EmotionResult:
    emotion: Emotion | None = None
    reason: UnknownReason | None = None
    probabilities: dict[Emotion, float] = {}
    if isinstance(fused, str):
        reason = fused
    else:
        emotion = EMOTIONS[int(fused.argmax())]
        probabilities = dict(zip(EMOTIONS, map(float, fused), strict=True))
    confidence = max(probabilities.values(), default=0.0)
    return EmotionResult(
        emotion=emotion or "unknown",
        reason=reason,
        probabilities=probabilities,
        confidence=confidence,
        valence=valence(probabilities),
        arousal=spoken,
        description=describe(emotion, reason, confidence, spoken, language),
        window_start=clip.start,
        window_end=clip.end,
        engine=EmbeddedEngine.name,
        latency=latency,
        face=face,
    )
