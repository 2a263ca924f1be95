"""What must be there before anything heavy is imported: the packages, and the folders with the towers' weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from models.base import EngineUnavailable

PACKAGES = ("torch", "transformers", "safetensors")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tower:
    """A frozen network that features come from: its name, where its folder is named, how it is downloaded, and the
    model types that its folder's config.json may name."""

    name: str
    named_by: str
    download: str
    types: tuple[str, ...]


SIGLIP = Tower(
    name="SigLIP",
    named_by="LDDU_VISION_PATH or --vision-path",
    download="siglip",
    types=("siglip", "siglip_vision_model"),
)
WHISPER = Tower(
    name="Whisper", named_by="LDDU_AUDIO_PATH or --audio-path", download="whisper", types=("whisper",)
)


def require_packages() -> None:
    """Raises `EngineUnavailable` for the first package that is not installed."""
    for package in PACKAGES:
        if find_spec(package) is None:
            raise EngineUnavailable(f"{package} is not installed: make install-models", "not_installed")


def checked(folder: Path | None, tower: Tower) -> Path:
    """The folder, when it looks like one of the tower. Raises `EngineUnavailable`."""
    fetch = f"get it with `python -m models download {tower.download}`"
    if folder is None:
        raise EngineUnavailable(
            f"no folder with {tower.name} weights: {fetch} and name it by {tower.named_by}",
            "no_weights",
        )
    config = settings_in(folder / "config.json")
    if config is None:
        raise EngineUnavailable(f"{folder} is no folder with {tower.name} weights: {fetch}", "no_weights")
    if config.get("model_type") not in tower.types:
        raise EngineUnavailable(
            f"{folder} holds {config.get('model_type', 'something unnamed')}, not {tower.name}: {fetch}",
            "wrong_weights",
        )
    return folder


def settings_in(file: Path) -> dict[str, Any] | None:
    """A JSON object, None where there is no file with one."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
