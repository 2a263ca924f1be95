"""A loaded Thinker, the part of Qwen-Omni that sees, hears and writes, and what it needs to be spoken to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.base import Language, Look
from models.prompt import LABEL, SYSTEM
from models.qwen.chat import Chat
from models.qwen.conversation import Conversation
from models.qwen.folder import Family
from models.qwen.pictures import Patching, video_of
from models.qwen.sound import spectrogram


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a Thinker is given: the prompt's `tokens`, and the `features` of picture and sound by the names that its
    `forward` has for them."""

    tokens: list[int]
    features: dict[str, Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinker:
    """`model` is transformers' Thinker for conditional generation, `extractor` its WhisperFeatureExtractor."""

    model: Any
    family: Family
    chat: Chat
    patching: Patching
    extractor: Any

    @property
    def on_gpu(self) -> bool:
        """Whether it reads on a GPU."""
        return bool(self.model.device.type != "cpu")

    def inputs(self, looks: Sequence[Look], sound: NDArray[np.float32] | None, language: Language) -> Inputs:
        """The question which expression is seen in looks and heard in a sound, either of which may be missing."""
        features: dict[str, Tensor] = {}
        pictured = heard = 0
        if looks:
            video = video_of(looks, self.patching)
            pictured = video.tokens
            features["pixel_values_videos"] = torch.from_numpy(video.patches)
            features["video_grid_thw"] = torch.tensor([video.grid])
            features["video_second_per_grid"] = torch.tensor([video.seconds_per_grid])
        if sound is not None:
            found = spectrogram(sound, self.extractor, self.family)
            heard = found.tokens
            features["input_features"] = found.features
            features["feature_attention_mask"] = found.mask
        return Inputs(
            tokens=self.chat.opening(SYSTEM[language], LABEL[language], pictured, heard), features=features
        )

    def read(self, inputs: Inputs) -> Conversation:
        """A conversation in which it was asked just now."""
        return Conversation(self.model, inputs.tokens, inputs.features)
