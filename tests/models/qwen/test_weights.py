from __future__ import annotations

import os
import shutil

import pytest

from models.base import EngineUnavailable
from models.qwen.folder import checked
from tests import media
from tests.models.qwen.conftest import looks_of, tone


def load(folder, progress=lambda _: None):
    from models.qwen.weights import load

    return load(checked(folder), "cpu", 1, progress)


@pytest.fixture
def without(folder_of, tmp_path):
    """A copy of a tiny model's folder that lacks one weight."""

    def remove(kind, name):
        from safetensors.torch import load_file, save_file

        folder = shutil.copytree(folder_of(kind), tmp_path / "copy")
        weights = load_file(folder / "model.safetensors")
        del weights[name]
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        return folder

    return remove


@pytest.mark.parametrize("generation", ["qwen2.5", "qwen3"])
def test_a_whole_checkpoint_gives_the_same_thinker(folder_of, generation):
    alone = load(folder_of(generation)).model.state_dict()
    of_whole = load(folder_of(f"{generation}-whole")).model.state_dict()
    assert alone.keys() == of_whole.keys()
    assert all((weight == of_whole[name]).all() for name, weight in alone.items())


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("qwen2.5", "model.layers.1.mlp.up_proj.weight"),
        ("qwen2.5", "lm_head.weight"),
        ("qwen2.5", "visual.merger.ln_q.weight"),
        ("qwen3", "audio_tower.conv_out.weight"),
        ("qwen3", "model.layers.0.mlp.experts.2.up_proj.weight"),
    ],
)
def test_a_weight_that_is_not_in_the_files_is_refused(without, kind, name):
    with pytest.raises(EngineUnavailable, match=r"python -m models download"):
        load(without(kind, name))


def test_a_weight_of_another_size_is_refused(folder_of, tmp_path):
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(folder_of("qwen2.5"), tmp_path / "copy")
    weights = load_file(folder / "model.safetensors")
    weights["lm_head.weight"] = weights["lm_head.weight"][:100].clone()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(EngineUnavailable, match=r"1 weights .* lm_head.weight first"):
        load(folder)


def test_a_file_cut_short_is_said(folder_of, tmp_path):
    folder = shutil.copytree(folder_of("qwen2.5"), tmp_path / "copy")
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[: len(content) // 2])
    with pytest.raises(EngineUnavailable, match="cannot be read"):
        load(folder)


def test_a_folder_without_a_tokenizer_is_said(folder_of, tmp_path):
    folder = shutil.copytree(folder_of("qwen2.5"), tmp_path / "copy")
    for file in folder.glob("tokenizer*"):
        file.unlink()
    with pytest.raises(EngineUnavailable):
        load(folder)


def test_progress_rises_to_one_and_the_hook_is_put_back(folder_of):
    from transformers.utils import logging

    def hook(make, args, kwargs):
        return make(*args, **kwargs)

    before = logging.set_tqdm_hook(hook)
    try:
        told = []
        load(folder_of("qwen2.5"), told.append)
        assert logging.set_tqdm_hook(hook) is hook
    finally:
        logging.set_tqdm_hook(before)
    assert told == sorted(set(told))
    assert told[-1] == 1.0
    assert 10 < len(told) <= 100


def test_preprocessing_of_the_folder_is_used(folder_of, tmp_path):
    folder = shutil.copytree(folder_of("qwen3"), tmp_path / "copy")
    assert load(folder).patching.mean == (0.5, 0.5, 0.5)
    (folder / "preprocessor_config.json").write_text('{"image_mean": [0.1, 0.2, 0.3], "hop_length": 200}')
    thinker = load(folder)
    assert thinker.patching.mean == (0.1, 0.2, 0.3)
    assert thinker.extractor.hop_length == 200


@pytest.mark.parametrize("kind", ["qwen2.5", "qwen3"])
def test_half_precision_stays_half_and_answers(folder_of, tmp_path, kind):
    import torch
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(folder_of(kind), tmp_path / "copy")
    weights = {name: weight.bfloat16() for name, weight in load_file(folder / "model.safetensors").items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config = (folder / "config.json").read_text()
    (folder / "config.json").write_text(config.replace('"float32"', '"bfloat16"'))
    thinker = load(folder)
    assert thinker.model.dtype == torch.bfloat16
    looks = looks_of(media.astronaut_frames(2, (160, 120), face=60))
    conversation = thinker.read(thinker.inputs(looks, tone(1.0), "en"))
    assert conversation.next_logits.isfinite().all()
    assert conversation.next_logits.dtype == torch.float32


@pytest.fixture
def eight_gpus(monkeypatch):
    """Torch sees eight GPUs with ten bytes of free memory each."""
    import torch

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 8)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda gpu: (10, 20))
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: True)


def test_weights_take_most_of_the_free_memory_of_the_first_gpus(eight_gpus, monkeypatch):
    import torch

    from models.qwen import weights

    monkeypatch.setattr(weights, "find_spec", lambda _: "there")
    assert weights._on_gpus(3) == {
        "dtype": torch.bfloat16,
        "device_map": "auto",
        "max_memory": {0: 9, 1: 9, 2: 9},
    }


def test_attention_on_gpus_is_of_a_kind_that_takes_any_length(eight_gpus):
    import torch

    from models.qwen import weights

    torch.backends.cuda.enable_cudnn_sdp(True)
    weights._on_gpus(1)
    assert not torch.backends.cuda.cudnn_sdp_enabled()
    assert torch.backends.cuda.flash_sdp_enabled()


def test_without_accelerate_one_gpu_is_used_and_that_is_said(eight_gpus, monkeypatch, caplog):
    from models.qwen import weights

    monkeypatch.setattr(weights, "find_spec", lambda _: None)
    assert "device_map" not in weights._on_gpus(3)
    assert "one GPU is used, of 3" in caplog.text


def test_a_gpu_without_bfloat16_gets_the_older_half(eight_gpus, monkeypatch):
    import torch

    from models.qwen import weights

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: False)
    assert weights._on_gpus(1)["dtype"] == torch.float16


def test_the_cpu_is_used_with_all_its_cores(folder_of, monkeypatch):
    import torch

    before = torch.get_num_threads()
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    try:
        load(folder_of("qwen2.5"))
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
