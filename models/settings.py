"""The engines' settings, as the server and the command line both read them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from models.catalog import (
    ENGINES,
    EmbeddedConfig,
    EngineConfig,
    EngineName,
    LdduConfig,
    QwenConfig,
    RemoteConfig,
)


def _listed(value: object) -> object:
    return (
        [name.strip().lower() for name in value.split(",") if name.strip()]
        if isinstance(value, str)
        else value
    )


def http_address(url: str | None) -> str | None:
    """An API's address as it was given. Raises `ValueError` for what cannot be one, saying nothing of it: it may hold a
    password."""
    if url is not None:
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:  # half a bracket, a port that is none, or a password where a port is looked for
            usable = False
        if not usable:
            raise ValueError("write it like http://127.0.0.1:8000/v1")
    return url


class EngineSettings(BaseSettings):
    """Which engines are asked, in which order, and what each needs."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    emotion_engines: Annotated[
        tuple[EngineName, ...], NoDecode, BeforeValidator(_listed), Field(min_length=1)
    ] = Field(
        ENGINES, description="Engines in the order in which they are asked; the first that can answers."
    )
    looks_per_second: Annotated[int, Field(ge=1, le=5)] = Field(
        1, description="Frames of a second that the embedded engine looks at, 1 to 5."
    )
    qwen_model_path: Path | None = Field(
        None, description="Folder with Qwen2.5-Omni or Qwen3-Omni weights, as transformers saves them."
    )
    qwen_device: Literal["auto", "cpu"] = Field(
        "auto", description="auto puts the model on the GPUs there are; cpu keeps it off them."
    )
    max_gpus: Annotated[int, Field(ge=1)] = Field(
        4, description="GPUs that the model is spread over at most."
    )
    lddu_checkpoint: Path | None = Field(None, description="Head trained by `python -m models.lddu train`.")
    lddu_vision_path: Path | None = Field(None, description="Folder with the SigLIP weights of that head.")
    lddu_audio_path: Path | None = Field(None, description="Folder with the Whisper weights of that head.")
    remote_base_url: str | None = Field(
        None,
        repr=False,
        description="OpenAI-compatible API that clips are sent to, such as http://127.0.0.1:8000/v1 of vLLM.",
    )
    remote_model: str | None = Field(
        None, description="Model to ask there; the first that it lists when unset."
    )
    remote_api_key: SecretStr | None = Field(None, description="Key of that API, where it wants one.")

    @field_validator("emotion_engines")
    @classmethod
    def _each_once(cls, names: tuple[EngineName, ...]) -> tuple[EngineName, ...]:
        if len(set(names)) < len(names):
            raise ValueError("name each engine once")
        return names

    @field_validator("qwen_model_path", "lddu_checkpoint", "lddu_vision_path", "lddu_audio_path")
    @classmethod
    def _at_home(cls, path: Path | None) -> Path | None:
        return path.expanduser() if path is not None else None

    @field_validator("remote_base_url")
    @classmethod
    def _is_http(cls, url: str | None) -> str | None:
        return http_address(url)

    def engine(self, name: EngineName) -> EngineConfig:
        """What one engine needs to know."""
        match name:
            case "embedded":
                return EmbeddedConfig(looks_per_second=self.looks_per_second)
            case "qwen":
                return QwenConfig(path=self.qwen_model_path, max_gpus=self.max_gpus, device=self.qwen_device)
            case "remote":
                key = self.remote_api_key
                return RemoteConfig(
                    base_url=self.remote_base_url,
                    model=self.remote_model,
                    api_key=key.get_secret_value() if key else None,
                )
            case "lddu":
                return LdduConfig(
                    checkpoint=self.lddu_checkpoint,
                    vision_path=self.lddu_vision_path,
                    audio_path=self.lddu_audio_path,
                )

    def chain(self) -> tuple[EngineConfig, ...]:
        """The engines in the order in which they are asked."""
        return tuple(self.engine(name) for name in self.emotion_engines)
