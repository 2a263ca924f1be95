"""The chat's settings: whom it asks, and what is said to the model before a conversation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.llm.base import LlmConfig
from models.llm.place import DEFAULT_MODEL
from models.settings import http_address

MOST_CHARACTERS = 20_000
"""Of a prompt."""


class ChatSettings(BaseSettings):
    """Names that other programs use for the same are taken too; the first that is set counts."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    openai_api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("openai_api_key", "llm_api_key"),
        description="Key of the API that the chat asks; api.openai.com wants one. LLM_API_KEY is another name for it.",
    )
    openai_api_base: str | None = Field(
        None,
        repr=False,
        validation_alias=AliasChoices("openai_api_base", "openai_base_url", "llm_api_base"),
        description="OpenAI-compatible API that the chat asks, such as http://127.0.0.1:8000/v1; OpenAI's own when "
        "unset. OPENAI_BASE_URL and LLM_API_BASE are other names for it.",
    )
    openai_model: str | None = Field(
        None,
        validation_alias=AliasChoices("openai_model", "llm_model"),
        description=f"Model that the chat asks; when unset {DEFAULT_MODEL} at OpenAI, and elsewhere the first that is "
        "listed. LLM_MODEL is another name for it.",
    )
    chat_prompt_file: Path | None = Field(
        None,
        description="File with what the model is told before a conversation, in place of Mien's own words.",
    )
    chat_context_tokens: Annotated[int, Field(ge=500)] = Field(
        6000,
        description="Tokens of a conversation, about, that are sent along; the oldest turns are left out.",
    )

    @field_validator("openai_api_base")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        return http_address(url)

    @field_validator("chat_prompt_file")
    @classmethod
    def _is_a_prompt(cls, path: Path | None) -> Path | None:
        if path is not None:
            path = path.expanduser()
            prompt_in(path)
        return path

    def llm(self) -> LlmConfig:
        """What the chat process needs to know. Raises `ValueError` when the prompt's file has gone in the meantime."""
        key = self.openai_api_key
        return LlmConfig(
            base_url=self.openai_api_base,
            api_key=key.get_secret_value().strip() or None if key else None,
            model=self.openai_model,
            system_prompt=prompt_in(self.chat_prompt_file) if self.chat_prompt_file else None,
            context_tokens=self.chat_context_tokens,
        )


def prompt_in(path: Path) -> str:
    """The text of a prompt's file. Raises `ValueError`, saying what is wrong with it."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(MOST_CHARACTERS + 1).strip()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text in UTF-8") from error
    if not text:
        raise ValueError(f"{path} is empty")
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"{path} is longer than {MOST_CHARACTERS} characters")
    return text
