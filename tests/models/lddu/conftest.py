"""Towers of random weights, small and saved as real ones are, made once for all tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import (
    SiglipConfig,
    SiglipModel,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
)

from models.lddu.sound import AudioTower
from models.lddu.vision import VisionTower

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def siglip() -> SiglipModel:
    torch.manual_seed(1)
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2}
    return SiglipModel(
        SiglipConfig(
            vision_config={**sizes, "num_hidden_layers": 2, "image_size": 32, "patch_size": 8},
            text_config={**sizes, "num_hidden_layers": 1, "vocab_size": 50, "max_position_embeddings": 8},
        )
    ).eval()


@pytest.fixture(scope="session")
def whisper() -> WhisperForConditionalGeneration:
    torch.manual_seed(2)
    sizes = {"encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "encoder_attention_heads": 2}
    tokens = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
    return WhisperForConditionalGeneration(
        WhisperConfig(
            **sizes,
            **tokens,
            vocab_size=60,
            d_model=16,
            encoder_layers=2,
            decoder_layers=1,
            decoder_attention_heads=2,
        )
    ).eval()


@pytest.fixture(scope="session")
def vision_path(tmp_path_factory: pytest.TempPathFactory, siglip: SiglipModel) -> Path:
    folder = tmp_path_factory.mktemp("siglip")
    siglip.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def audio_path(tmp_path_factory: pytest.TempPathFactory, whisper: WhisperForConditionalGeneration) -> Path:
    folder = tmp_path_factory.mktemp("whisper")
    whisper.save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=80).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def vision(vision_path: Path) -> VisionTower:
    return VisionTower(vision_path, CPU)


@pytest.fixture(scope="session")
def audio(audio_path: Path) -> AudioTower:
    return AudioTower(audio_path, CPU)
