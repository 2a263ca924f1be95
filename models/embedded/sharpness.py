"""How sharp a face picture is."""

from __future__ import annotations

import numpy as np
from PIL import Image

SIDE = 64
"""Pixels that the picture is brought to: what the smaller expression network sees. A face of `MIN_FACE` pixels fills
them without being enlarged much, so that a small face is not taken for a blurred one."""


def sharpness(chip: Image.Image) -> float:
    """The spread of a grey picture's Laplacian over the spread of its greys: 0 for a flat one, about 0.4 for a face in
    focus, whatever its light and contrast."""
    grey = np.asarray(chip.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float32)
    inner = grey[1:-1, 1:-1]
    laplacian = 4 * inner - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    spread = float(grey.std())
    return float(laplacian.std()) / spread if spread > 0 else 0.0
