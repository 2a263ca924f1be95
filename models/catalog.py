"""The engines there are: what each needs to be told, whether it was told, and how it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from models.base import Engine

EngineName = Literal["lddu", "qwen", "remote", "embedded"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)
"""In the order in which they are asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedConfig:
    """`looks_per_second` is how many frames of a second are looked at, 1 to 5."""

    looks_per_second: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class QwenConfig:
    """`path` is a folder with Qwen2.5-Omni or Qwen3-Omni weights as transformers saves them. On `device` "auto" the
    model is spread over up to `max_gpus` GPUs, or kept on the CPU where there is none."""

    path: Path | None = None
    max_gpus: int = 4
    device: Literal["auto", "cpu"] = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteConfig:
    """`base_url` is that of an OpenAI-compatible API, such as http://127.0.0.1:8000/v1. The first model that the
    server lists is used when `model` is None."""

    base_url: str | None = field(default=None, repr=False)  # it may hold a password
    model: str | None = None
    api_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LdduConfig:
    """`checkpoint` is a head trained by `python -m models.lddu train`; `vision_path` and `audio_path` are folders
    with SigLIP and Whisper weights, for what the head was trained with."""

    checkpoint: Path | None = None
    vision_path: Path | None = None
    audio_path: Path | None = None


LOOPBACK = ("localhost", "127.0.0.1", "::1")

EngineConfig = EmbeddedConfig | QwenConfig | RemoteConfig | LdduConfig


def name_of(config: EngineConfig) -> EngineName:
    """The engine that a config is for."""
    match config:
        case EmbeddedConfig():
            return "embedded"
        case QwenConfig():
            return "qwen"
        case RemoteConfig():
            return "remote"
        case LdduConfig():
            return "lddu"


def not_set_up(config: EngineConfig) -> str | None:
    """What a person must set for an engine that was told nothing; None when it is worth loading."""
    match config:
        case QwenConfig(path=None):
            return "QWEN_MODEL_PATH is not set: name a folder with Qwen-Omni weights"
        case RemoteConfig(base_url=None):
            return "REMOTE_BASE_URL is not set: name a server such as http://127.0.0.1:8000/v1"
        case LdduConfig(checkpoint=None):
            return "no trained head: train one with `python -m models.lddu train` and set LDDU_CHECKPOINT"
        case _:
            return None


def sends_to(config: EngineConfig) -> str | None:
    """The host that an engine sends clips to, None where they stay on this machine."""
    if not isinstance(config, RemoteConfig) or config.base_url is None or is_loopback(config.base_url):
        return None
    return urlsplit(config.base_url).hostname


def is_loopback(url: str) -> bool:
    """Whether a URL is of a server on this machine."""
    return urlsplit(url).hostname in LOOPBACK


def create(config: EngineConfig) -> Engine:
    """An engine, not yet loaded. Its module is imported here and no earlier: some weigh seconds."""
    name = name_of(config)
    module = import_module(f"models.{name}.engine")
    engine: Engine = getattr(module, f"{name.capitalize()}Engine")(config)
    return engine
