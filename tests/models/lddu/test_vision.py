from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import SiglipModel
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

from models.base import EngineUnavailable
from models.lddu.vision import BATCH, VisionTower
from tests.models.lddu.conftest import CPU


def pictures(n: int) -> list[np.ndarray]:
    return list(np.random.default_rng(0).integers(0, 256, (n, 60, 80, 3), dtype=np.uint8))


def test_pixels_are_as_siglip_s_own_preprocessing_makes_them(vision: VisionTower) -> None:
    size = {"height": 32, "width": 32}
    theirs = SiglipImageProcessorPil(size=size)(pictures(1)[0], return_tensors="np").pixel_values[0]
    assert np.allclose(vision.pixels(pictures(1)[0]), theirs, atol=1e-5)


def test_vectors_are_siglip_s_pooled_output_whatever_the_batch(
    vision: VisionTower, siglip: SiglipModel
) -> None:
    given = pictures(BATCH + 3)
    pixels = torch.from_numpy(np.stack([vision.pixels(each) for each in given]))
    with torch.inference_mode():
        expected = siglip.vision_model(pixels).pooler_output.numpy()
    found = vision(given)
    assert found.shape == (BATCH + 3, vision.width) and found.dtype == np.float32
    assert np.allclose(found, expected, atol=1e-5)
    assert vision([]).shape == (0, vision.width)


def test_a_folder_with_the_vision_model_alone_is_the_same_tower(
    vision: VisionTower, siglip: SiglipModel, tmp_path: Path
) -> None:
    siglip.vision_model.save_pretrained(tmp_path)
    alone = VisionTower(tmp_path, CPU)
    assert alone.fingerprint == vision.fingerprint
    assert np.array_equal(alone(pictures(2)), vision(pictures(2)))


def test_preprocessing_is_read_from_the_folder_and_part_of_the_fingerprint(
    vision: VisionTower, vision_path: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(vision_path, tmp_path / "other")
    settings = {"image_mean": [0.0, 0.5, 0.5], "image_std": [1.0, 0.5, 0.5], "resample": 2}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    other = VisionTower(folder, CPU)
    white = np.full((40, 40, 3), 255, dtype=np.uint8)
    assert np.allclose(other.pixels(white), 1.0)
    assert other.fingerprint != vision.fingerprint


def test_other_weights_of_the_same_size_are_another_tower(
    vision: VisionTower, vision_path: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(vision_path, tmp_path / "other")
    weights = load_file(folder / "model.safetensors")
    save_file(
        {name: each + 0.01 for name, each in weights.items()}, folder / "model.safetensors", {"format": "pt"}
    )
    assert VisionTower(folder, CPU).fingerprint != vision.fingerprint


def test_a_folder_without_all_weights_is_refused(vision_path: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(vision_path, tmp_path / "half")
    weights = load_file(folder / "model.safetensors")
    kept = {name: each for name, each in weights.items() if "layers.1.self_attn" not in name}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(EngineUnavailable, match=r"lacks 8 of SigLIP's weights.*download siglip"):
        VisionTower(folder, CPU)


def test_a_folder_of_broken_weights_is_refused(vision_path: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(vision_path, tmp_path / "broken")
    (folder / "model.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(EngineUnavailable, match=r"SigLIP in .* does not load"):
        VisionTower(folder, CPU)


def test_what_is_no_siglip_is_refused_with_what_to_do(audio_path: Path, tmp_path: Path) -> None:
    for folder, said in (
        (None, "no folder with SigLIP weights"),
        (tmp_path, "is no folder with SigLIP weights"),
        (audio_path, "holds whisper, not SigLIP"),
    ):
        with pytest.raises(EngineUnavailable, match=f"{said}.*python -m models download siglip"):
            VisionTower(folder, CPU)
