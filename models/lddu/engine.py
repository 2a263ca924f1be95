"""The engine on a head of one's own training: clips in, results out."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.base import (
    EMOTIONS,
    DecodedClip,
    Emotion,
    EmotionResult,
    EngineFailed,
    EngineUnavailable,
    Latency,
    Progress,
    Question,
    UnknownReason,
)
from models.catalog import LdduConfig, not_set_up
from models.lddu.data import Modality, Steps, padded
from models.lddu.folders import SIGLIP, WHISPER, checked, require_packages
from models.lddu.memory import Seen
from models.lddu.metrics import probabilities
from models.meaning import describe_shown, valence
from models.memory import Memory

if TYPE_CHECKING:  # they import torch, which may not be installed
    from models.lddu.checkpoint import Checkpoint
    from models.lddu.features import Extractor


class LdduEngine:
    """Class and valence from SigLIP and Whisper features through a trained head. Implements `models.base.Engine`."""

    name = "lddu"
    parallel = 1
    deadline = 10.0
    interval = 1.0

    def __init__(self, config: LdduConfig) -> None:
        self._config = config
        self._memory = Memory(Seen)
        self._loaded: tuple[Checkpoint, Extractor] | None = None

    def load(self, progress: Progress = lambda _: None) -> None:
        """Load the head and the towers it was trained with. Raises `EngineUnavailable`."""
        config = self._config
        if config.checkpoint is None:
            raise EngineUnavailable(not_set_up(config) or "no trained head", "not_set_up")
        if not config.checkpoint.exists():
            raise EngineUnavailable(
                f"no trained head: {config.checkpoint} is not there; "
                "LDDU_CHECKPOINT is what `train` was given as --out",
                "no_weights",
            )
        for folder, tower in ((config.vision_path, SIGLIP), (config.audio_path, WHISPER)):
            if folder is not None:
                checked(folder, tower)
        require_packages()
        from models.lddu.checkpoint import read_checkpoint
        from models.lddu.features import load_extractor
        from models.lddu.towers import best_device

        progress(0.1)
        device = best_device()
        checkpoint = read_checkpoint(config.checkpoint, device)
        trained = checkpoint.manifest.towers
        if not any(trained.values()):
            raise EngineUnavailable(
                f"the head was trained on {checkpoint.manifest.data}, whose features no tower here gives: "
                "train one on a folder of clips",
                "wrong_weights",
            )
        modalities: set[Modality] = {name for name, tower in trained.items() if tower is not None}
        extractor = load_extractor(
            modalities,
            config.vision_path,
            config.audio_path,
            device,
            lambda share: progress(0.1 + 0.9 * share),
        )
        for name, fingerprint in extractor.towers.items():
            if fingerprint != trained[name]:
                folder = config.vision_path if name == "vision" else config.audio_path
                raise EngineUnavailable(
                    f"the head was trained with another tower than that in {folder}", "wrong_weights"
                )
        self._loaded = checkpoint, extractor
        progress(1.0)

    def wanted(self, session_id: str, times: Sequence[float]) -> Sequence[float]:
        """Those of `times` that were not looked at yet; none for a head without eyes."""
        if self._loaded is not None and "vision" not in self._loaded[1].widths:
            return []
        return self._memory.of(session_id).unseen(times, self.interval)

    def heard_until(self, session_id: str) -> float:
        """Minus infinity: a moment's sound means something else in each window, so all of it is heard again."""
        return -inf

    def forget(self, session_id: str) -> None:
        """Drop what was kept of a session."""
        self._memory.forget(session_id)

    def analyze(self, clip: DecodedClip, question: Question, *, decode_ms: float) -> EmotionResult:
        """Answer for the window of `clip`. Raises `EngineFailed` when what comes out is not a number, and
        `EngineUnavailable` when not loaded."""
        if self._loaded is None:
            raise EngineUnavailable("the LDDU engine was not loaded", "unloaded")
        checkpoint, extractor = self._loaded
        began = perf_counter()
        features = extractor(clip, self._memory.of(question.session_id))
        featured = perf_counter()
        shares = _shares(checkpoint, features) if features else None
        ended = perf_counter()
        latency = Latency(
            decode=decode_ms,
            features=(featured - began) * 1000,
            inference=(ended - featured) * 1000,
            total=decode_ms + (ended - began) * 1000,
        )
        return _result(shares, clip, question, latency, seen="vision" in features)


def _shares(checkpoint: Checkpoint, features: dict[Modality, Steps]) -> NDArray[np.float64]:
    """Probabilities (7,) for one clip."""
    import torch

    head = checkpoint.head
    values, masks = padded([features], checkpoint.manifest.head.widths)
    device = head.labels.device
    with torch.inference_mode():
        try:
            output = head(
                {name: torch.from_numpy(each).to(device) for name, each in values.items()},
                {name: torch.from_numpy(each).to(device) for name, each in masks.items()},
            )
        except ValueError as error:
            raise EngineFailed(str(error)) from error
    shares = probabilities(output.score[0].cpu().numpy(), checkpoint.manifest.temperature)
    if not np.isfinite(shares).all():
        raise EngineFailed("the head's scores are not all finite")
    return shares


def _result(
    shares: NDArray[np.float64] | None,
    clip: DecodedClip,
    question: Question,
    latency: Latency,
    *,
    seen: bool,
) -> EmotionResult:
    named: dict[Emotion, float] = {}
    emotion: Emotion | None = None
    if shares is not None:
        named = dict(zip(EMOTIONS, map(float, shares), strict=True))
        emotion = EMOTIONS[int(shares.argmax())]
    reason: UnknownReason | None = "no_video" if emotion is None else None
    confidence = named[emotion] if emotion is not None else None
    return EmotionResult(
        emotion=emotion or "unknown",
        reason=reason,
        probabilities=named,
        confidence=confidence,
        valence=valence(named),
        arousal=None,
        description=describe_shown(emotion, reason, confidence, question.language, seen=seen),
        window_start=clip.start,
        window_end=clip.end,
        engine=LdduEngine.name,
        latency=latency,
    )
