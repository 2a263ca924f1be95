"""The sound of a clip as the spectrogram that Qwen-Omni's audio tower reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.base import SAMPLE_RATE
from models.qwen.folder import Family

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrogram:
    """`features` is float32 of shape (1, mel bins, frames), `mask` int of shape (1, frames), all of it heard."""

    features: Tensor
    mask: Tensor
    tokens: int


def spectrogram(waveform: NDArray[np.float32], extractor: Any, family: Family) -> Spectrogram:
    """Of an audible waveform, by transformers' `WhisperFeatureExtractor`."""
    found = extractor(
        waveform,
        sampling_rate=SAMPLE_RATE,
        padding="longest",
        truncation=False,
        return_attention_mask=True,
        return_tensors="pt",
    )
    features, mask = found["input_features"], found["attention_mask"]
    return Spectrogram(features=features, mask=mask, tokens=tokens_of(features.shape[-1], family))


def tokens_of(frames: int, family: Family) -> int:
    """How many tokens the audio tower makes of so many frames.

    Qwen2.5 halves them by a convolution and again by pooling. Qwen3 halves each hundred thrice, to 13 tokens.
    """
    if family == "qwen2.5":
        return (_halved(frames) - 2) // 2 + 1
    hundreds, rest = divmod(frames, 100)
    return 13 * hundreds + _halved(_halved(_halved(rest)))


def _halved(frames: int) -> int:
    return (frames - 1) // 2 + 1
