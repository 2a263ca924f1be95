"""Towers of random weights, small and saved as real ones are, made once for all tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from models.lddu.sound import AudioTower
from models.lddu.vision import VisionTower
from tests.models.lddu import tiny

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def siglip():
    return tiny.siglip()


@pytest.fixture(scope="session")
def whisper():
    return tiny.whisper()


@pytest.fixture(scope="session")
def vision_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_siglip(tmp_path_factory.mktemp("siglip"))


@pytest.fixture(scope="session")
def audio_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_whisper(tmp_path_factory.mktemp("whisper"))


@pytest.fixture(scope="session")
def vision(vision_path: Path) -> VisionTower:
    return VisionTower(vision_path, CPU)


@pytest.fixture(scope="session")
def audio(audio_path: Path) -> AudioTower:
    return AudioTower(audio_path, CPU)
