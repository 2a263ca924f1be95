"""What the server and the chat process say to each other, and what an answer is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from models.base import Language

Code = Literal[
    "chat_no_key",
    "chat_wrong_key",
    "chat_unreachable",
    "chat_too_slow",
    "chat_rate_limited",
    "chat_quota",
    "chat_no_model",
    "chat_refused",
    "chat_too_long",
    "chat_server_error",
    "chat_cut_off",
    "chat_empty",
    "chat_restarted",
]
"""Why there is no answer, or no whole one. Stable."""

Finish = Literal["complete", "length", "stopped", "failed"]
"""How an answer ended: by itself, at the longest that is allowed, because somebody stopped it, or by an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmConfig:
    """Said once and first. `base_url` is that of an OpenAI-compatible API, None for OpenAI's own; without a `model`
    the first that the server lists is asked. `system_prompt` replaces the one that comes with Mien.
    `context_tokens` is about how much of a conversation is sent along."""

    base_url: str | None = field(default=None, repr=False)  # it may hold a password
    api_key: str | None = field(default=None, repr=False)
    model: str | None = None
    system_prompt: str | None = None
    context_tokens: int = 6000


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmStatus:
    """Whether the provider can be asked. `code` and `reason` say why not; `model` is who answers; `sends_to` is the
    host that messages go to, None where they stay on this machine or go nowhere."""

    available: bool
    code: Code | None = None
    reason: str | None = None
    model: str | None = None
    sends_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmError:
    """`message` is for people, in the language that was asked for; it holds no secret."""

    code: Code
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatLatency:
    """Milliseconds from the question reaching the chat process to the first word, None where none came, and to the
    end."""

    first: float | None
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens, as the provider counts them."""

    prompt: int
    completion: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatTurn:
    """What was said before, by whom."""

    role: Literal["user", "assistant"]
    text: str


# --- to the process ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Answer the last of `turns`, which is the user's. `mood` is what the model is told of the expressions seen."""

    ask_id: int
    turns: tuple[ChatTurn, ...]
    mood: str | None
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """End an answer early; `Done` follows, with what there is by then. Unknown ids are fine."""

    ask_id: int


# --- from the process ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """More of an answer's text."""

    ask_id: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The end of an answer, said once for each `Ask`. `text` is all of it, `html` the same rendered and cleaned;
    `error` is there when `finish` is `failed`, and `text` may then still hold the beginning."""

    ask_id: int
    text: str
    html: str
    finish: Finish
    error: LlmError | None
    model: str | None
    latency: ChatLatency
    usage: Usage | None
