from __future__ import annotations

import json
import shutil

import pytest

from models.base import EngineUnavailable
from models.qwen.folder import checked


@pytest.fixture
def copied(folder_of, tmp_path):
    """A folder of a kind that may be changed."""
    return lambda kind: shutil.copytree(folder_of(kind), tmp_path / kind)


@pytest.mark.parametrize("kind", ["qwen2.5", "qwen2.5-whole", "qwen3", "qwen3-whole"])
def test_whole_checkpoints_and_thinkers_are_known(folder_of, kind):
    assert checked(folder_of(kind)).family == kind.removesuffix("-whole")


def test_a_folder_that_is_not_there_says_what_to_do(tmp_path):
    with pytest.raises(EngineUnavailable, match=r"no weights .*nowhere.*python -m models download qwen2.5"):
        checked(tmp_path / "nowhere")


@pytest.mark.parametrize("content", ["{", "[]", ""])
def test_a_broken_config_is_said(tmp_path, content):
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(EngineUnavailable, match=r"config\.json"):
        checked(tmp_path)


@pytest.mark.parametrize("model_type", ["llama", "qwen2_5_vl", None])
def test_another_model_is_refused_by_its_name(tmp_path, model_type):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": model_type}))
    with pytest.raises(EngineUnavailable, match=f"a {model_type} model, not Qwen-Omni"):
        checked(tmp_path)


def test_quantized_weights_are_refused(tmp_path):
    config = {"model_type": "qwen2_5_omni", "quantization_config": {"quant_method": "awq"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(EngineUnavailable, match="quantized"):
        checked(tmp_path)


@pytest.mark.parametrize(
    ("kind", "file"),
    [("qwen2.5", "model.safetensors"), ("qwen2.5-whole", "model-00002-of-00002.safetensors")],
)
def test_weights_files_that_are_missing_are_named(copied, kind, file):
    folder = copied(kind)
    (folder / file).unlink()
    with pytest.raises(EngineUnavailable, match=f"1 weights file.*{file}"):
        checked(folder)


def test_an_index_that_names_no_files_is_said(copied):
    folder = copied("qwen2.5-whole")
    (folder / "model.safetensors.index.json").write_text("{}")
    with pytest.raises(EngineUnavailable, match="names no weights files"):
        checked(folder)


def test_preprocessing_is_read_from_either_file(copied):
    folder = copied("qwen2.5")
    assert checked(folder).preprocessing == {}
    parts = {"feature_extractor": {"hop_length": 200}, "video_processor": {"image_mean": [0, 0, 0]}}
    (folder / "processor_config.json").write_text(json.dumps(parts))
    assert checked(folder).preprocessing == {"hop_length": 200, "image_mean": [0, 0, 0]}
    (folder / "preprocessor_config.json").write_text(json.dumps({"hop_length": 160}))
    assert checked(folder).preprocessing == {"hop_length": 160}
