"""A clip's features in each modality that it has, from the towers there are."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import torch

from models.base import DecodedClip, EngineFailed, Progress
from models.lddu.data import Modality, Steps
from models.lddu.memory import Seen
from models.lddu.sound import AudioTower
from models.lddu.vision import VisionTower
from models.memory import KEPT

INTERVAL = 1.0
"""Seconds between looks, in training as in calls."""

LOOKS = 8
"""Looks of a clip at most."""


class Extractor:
    """Gives a clip's features: (looks, width) of what is seen, (steps, width) of what is heard."""

    def __init__(self, vision: VisionTower | None, audio: AudioTower | None) -> None:
        self._vision, self._audio = vision, audio
        towers: dict[Modality, VisionTower | AudioTower | None] = {"vision": vision, "audio": audio}
        there = {modality: tower for modality, tower in towers.items() if tower is not None}
        self.widths = {modality: tower.width for modality, tower in there.items()}
        self.towers: dict[Modality, str | None] = {
            modality: tower.fingerprint for modality, tower in there.items()
        }

    def __call__(self, clip: DecodedClip, seen: Seen) -> dict[Modality, Steps]:
        """The features of what a clip has; a modality that is missing, cannot be used or has no tower is left out.

        Looks are put into `seen`, and what it has of the clip's time already is used. Raises `EngineFailed` when
        the sound, or what a tower makes of it or of a look, is not a number.
        """
        given: dict[Modality, Steps | None] = {"vision": self._looks(clip, seen), "audio": self._sound(clip)}
        return {name: steps for name in self.widths if (steps := given[name]) is not None}

    def _looks(self, clip: DecodedClip, seen: Seen) -> Steps | None:
        if self._vision is None:
            return None
        new = set(seen.unseen([look.time for look in clip.looks], INTERVAL))
        looks = [look for look in clip.looks if look.time in new]
        vectors = _finite("vision features", self._vision([look.rgb for look in looks]))
        seen.vectors.update({look.time: vector for look, vector in zip(looks, vectors, strict=True)})
        inside = seen.between(clip.start, clip.end, LOOKS)
        seen.let_go(clip.end - KEPT)
        return np.stack(inside) if inside else None

    def _sound(self, clip: DecodedClip) -> Steps | None:
        if self._audio is None:
            return None
        steps = self._audio(_finite("clip's samples", clip.waveform))
        return None if steps is None else _finite("audio features", steps)


def _finite(what: str, values: Steps) -> Steps:
    if not np.isfinite(values).all():
        raise EngineFailed(f"the {what} are not all finite")
    return values


def load_extractor(
    modalities: Collection[Modality],
    vision_path: Path | None,
    audio_path: Path | None,
    device: torch.device,
    progress: Progress = lambda _: None,
) -> Extractor:
    """The towers that these modalities need. Raises `EngineUnavailable`."""
    vision = VisionTower(vision_path, device) if "vision" in modalities else None
    progress(0.4)
    audio = AudioTower(audio_path, device) if "audio" in modalities else None
    progress(0.9)
    return Extractor(vision, audio)
