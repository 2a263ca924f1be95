from __future__ import annotations

import numpy as np
import pytest

from models.base import SAMPLE_RATE
from models.qwen.sound import spectrogram, tokens_of
from tests.models.qwen.conftest import tone


@pytest.mark.parametrize("seconds", [0.1, 0.105, 0.5, 1.0, 1.001, 2.99, 5.0, 12.34, 30.0])
def test_there_are_as_many_tokens_as_the_tower_makes(thinker, seconds):
    sound = spectrogram(tone(seconds), thinker.extractor, thinker.family)
    heard = thinker.model.get_audio_features(sound.features, sound.mask).last_hidden_state
    assert sound.features.shape[1:] == (128, sound.mask.sum())
    assert sound.tokens == len(heard) > 0


@pytest.mark.parametrize("frames", [10, 11, 12, 99, 100, 101, 104, 199, 200, 203])
def test_the_formulas_hold_at_their_edges(thinker, frames):
    import torch

    features, mask = torch.zeros(1, 128, frames), torch.ones(1, frames, dtype=torch.int64)
    heard = thinker.model.get_audio_features(features, mask).last_hidden_state
    assert tokens_of(frames, thinker.family) == len(heard)


def test_the_spectrogram_is_whispers(thinker):
    from transformers import WhisperFeatureExtractor

    wave = tone(2.0)
    theirs = WhisperFeatureExtractor(feature_size=128)(wave, sampling_rate=SAMPLE_RATE)["input_features"][0]
    ours = spectrogram(wave, thinker.extractor, thinker.family).features[0].numpy()
    # Theirs is filled up with silence, which the last frames see a little of.
    assert np.allclose(ours[:, :198], theirs[:, :198], atol=1e-4)
