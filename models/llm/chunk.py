"""One chunk of a streamed answer, as OpenAI-compatible servers shape it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.llm.base import Usage
from models.scalars import scalars

DONE = "[DONE]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """`text` is more of the answer; `thinks` tells that the model is at its thoughts, which are not passed on.
    `finish` is the server's reason for the end, `usage` its count, `error` what it says went wrong. `last` ends the
    stream."""

    text: str = ""
    thinks: bool = False
    finish: str | None = None
    usage: Usage | None = None
    error: Mapping[str, Any] | None = None
    last: bool = False


def chunk_of(data: str) -> Chunk:
    """The chunk that an event holds. Raises `ValueError` for what is none."""
    if data.startswith(DONE):
        return Chunk(last=True)
    body = json.loads(data)
    if not isinstance(body, dict):
        raise ValueError("a chunk that is no object")
    if error := body.get("error"):
        return Chunk(error=error if isinstance(error, dict) else {"message": str(error)})
    usage = _usage(body.get("usage"))
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        return Chunk(usage=usage)
    # A server that does not stream gives the whole message at once.
    delta = choice.get("delta") or choice.get("message") or {}
    if not isinstance(delta, dict):
        raise ValueError("a delta that is no object")
    text, finish = delta.get("content"), choice.get("finish_reason")
    return Chunk(
        text=scalars(text) if isinstance(text, str) else "",
        thinks=bool(delta.get("reasoning_content") or delta.get("reasoning")),
        finish=finish if isinstance(finish, str) else None,
        usage=usage,
    )


def _usage(given: object) -> Usage | None:
    if not isinstance(given, dict):
        return None
    prompt, completion = given.get("prompt_tokens"), given.get("completion_tokens")
    if not isinstance(prompt, int) or not isinstance(completion, int):
        return None
    return Usage(prompt=prompt, completion=completion)
