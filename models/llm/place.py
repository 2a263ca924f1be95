"""Where messages go: an OpenAI-compatible API by its address, and whether enough is set to ask there."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from models.catalog import is_loopback
from models.llm.base import LlmConfig

OPENAI = "https://api.openai.com/v1"
DEFAULT_MODEL = "gpt-4o-mini"
"""Asked of OpenAI's own API when nobody names one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`base_url` is complete and may hold a password; `host` is what of it may be shown, with its port where it has
    one. `sends_to` is None where messages stay on this machine."""

    base_url: str = field(repr=False)
    host: str
    sends_to: str | None
    own: bool
    """Whether it is OpenAI's own API."""
    versioned: bool
    """Whether the path ends as those of such APIs do: in /v1."""


def place_of(config: LlmConfig) -> Place:
    """Where a configuration says to ask. Raises `ValueError` for an address that cannot be one."""
    base_url = config.base_url or OPENAI
    parts = urlsplit(base_url)
    name = parts.hostname or ""
    host = f"[{name}]" if ":" in name else name
    return Place(
        base_url=base_url,
        host=f"{host}:{parts.port}" if parts.port else host,
        sends_to=None if is_loopback(base_url) else name,
        own=name == urlsplit(OPENAI).hostname,
        versioned=parts.path.rstrip("/").endswith("/v1"),
    )


def is_configured(config: LlmConfig) -> bool:
    """Whether there is anybody to ask: OpenAI's own API wants a key, any other an address."""
    return bool(config.api_key) or (config.base_url is not None and not place_of(config).own)


def named_model(config: LlmConfig) -> str | None:
    """The model to ask, None for the first that the server lists."""
    return config.model or (DEFAULT_MODEL if place_of(config).own else None)
