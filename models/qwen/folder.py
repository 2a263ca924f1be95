"""The folder that a Qwen-Omni model is read from, checked for all that is cheap to check before torch is imported."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from models.base import EngineUnavailable

Family = Literal["qwen2.5", "qwen3"]

FAMILIES: dict[str, Family] = {
    "qwen2_5_omni": "qwen2.5",
    "qwen2_5_omni_thinker": "qwen2.5",
    "qwen3_omni_moe": "qwen3",
    "qwen3_omni_moe_thinker": "qwen3",
}
"""By the `model_type` of config.json: whole checkpoints, and those of the Thinker alone."""

DOWNLOAD = "`python -m models download qwen2.5-omni-3b`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder that holds every weights file of a Qwen-Omni model. `preprocessing` is what its authors wrote down
    about pictures and sound, empty when they wrote nothing."""

    path: Path
    family: Family
    preprocessing: dict[str, Any]


def checked(path: Path) -> Folder:
    """Look into a folder without reading weights. Raises `EngineUnavailable`."""
    if not (path / "config.json").is_file():
        raise EngineUnavailable(f"no weights at QWEN_MODEL_PATH ({path}): {DOWNLOAD}", "no_weights")
    config = _read(path / "config.json")
    model_type = config.get("model_type")
    if not isinstance(model_type, str) or model_type not in FAMILIES:
        raise EngineUnavailable(
            f"QWEN_MODEL_PATH ({path}) holds a {model_type} model, not Qwen-Omni: {DOWNLOAD}",
            "wrong_weights",
        )
    if "quantization_config" in config:
        raise EngineUnavailable(
            f"the weights at QWEN_MODEL_PATH ({path}) are quantized, which is not supported: {DOWNLOAD}",
            "wrong_weights",
        )
    absent = [name for name in _weights(path) if not (path / name).is_file()]
    if absent:
        raise EngineUnavailable(
            f"{len(absent)} weights file(s) are missing at QWEN_MODEL_PATH ({path}), {absent[0]} first: {DOWNLOAD}",
            "no_weights",
        )
    return Folder(path=path, family=FAMILIES[model_type], preprocessing=_preprocessing(path))


def _weights(path: Path) -> list[str]:
    """Files that must be there. Only safetensors: the older format runs code that is in the file."""
    index = path / "model.safetensors.index.json"
    if not index.is_file():
        return ["model.safetensors"]
    files = _read(index).get("weight_map")
    if not isinstance(files, dict) or not files or not all(isinstance(name, str) for name in files.values()):
        raise EngineUnavailable(f"{index} names no weights files: {DOWNLOAD}", "wrong_weights")
    return sorted(set(files.values()))


def _preprocessing(path: Path) -> dict[str, Any]:
    """As published, all in one file; transformers saves the parts in another."""
    if (path / "preprocessor_config.json").is_file():
        return _read(path / "preprocessor_config.json")
    if not (path / "processor_config.json").is_file():
        return {}
    parts = _read(path / "processor_config.json")
    return {**(parts.get("feature_extractor") or {}), **(parts.get("video_processor") or {})}


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise EngineUnavailable(f"{file} cannot be read ({error}): {DOWNLOAD}", "wrong_weights") from error
    if not isinstance(content, dict):
        raise EngineUnavailable(
            f"{file} is not what it should be, a JSON object: {DOWNLOAD}", "wrong_weights"
        )
    return content
