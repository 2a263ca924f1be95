"""SigLIP's vision tower: one vector for each look."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import SiglipVisionModel

from models.lddu.folders import SIGLIP, checked, settings_in
from models.lddu.towers import fingerprint, load

BATCH = 8
"""Looks that go through the tower at a time."""


class VisionTower:
    """Turns pictures into vectors by SigLIP's pooled output.

    The folder may hold all of SigLIP or its vision model alone. Pictures are squeezed to the tower's square and
    scaled as preprocessor_config.json says: SigLIP's own preprocessing.
    """

    def __init__(self, folder: Path | None, device: torch.device) -> None:
        """Raises `EngineUnavailable`."""
        folder = checked(folder, SIGLIP)
        self._model = load(SiglipVisionModel, folder, SIGLIP, device)
        config = self._model.config
        settings = settings_in(folder / "preprocessor_config.json") or {}
        self._side = int(config.image_size)  # SigLIP's are squares
        self._resample = Image.Resampling(settings.get("resample", Image.Resampling.BICUBIC))
        self._mean = np.asarray(settings.get("image_mean", [0.5] * 3), dtype=np.float32)
        self._std = np.asarray(settings.get("image_std", [0.5] * 3), dtype=np.float32)
        self.width: int = config.hidden_size
        facts = {
            "tower": "siglip",
            "sizes": [config.hidden_size, config.num_hidden_layers, config.image_size, config.patch_size],
            "pixels": [int(self._resample), self._mean.tolist(), self._std.tolist()],
        }
        self.fingerprint = fingerprint(facts, self._model.embeddings.patch_embedding.weight)

    def __call__(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Vectors (n, width) of pictures (height, width, 3)."""
        found = [self._pooled(pictures[at : at + BATCH]) for at in range(0, len(pictures), BATCH)]
        return np.concatenate([np.zeros((0, self.width), dtype=np.float32), *found])

    def pixels(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """A picture as the tower takes it: (3, side, side)."""
        image = Image.fromarray(picture).resize((self._side, self._side), self._resample)
        scaled = (np.asarray(image, dtype=np.float32) / 255 - self._mean) / self._std
        found: NDArray[np.float32] = scaled.astype(np.float32).transpose(2, 0, 1)
        return found

    def _pooled(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        pixels = torch.from_numpy(np.stack([self.pixels(picture) for picture in pictures]))
        with torch.inference_mode():
            pooled = self._model(pixels.to(self._model.device, self._model.dtype)).pooler_output
        found: NDArray[np.float32] = pooled.float().cpu().numpy()
        return found
