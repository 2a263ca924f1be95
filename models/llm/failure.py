"""What goes wrong with a chat's provider: an error of the client, told apart by what people can do about it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import httpx2
import openai

from models.llm.base import Code
from models.llm.place import Place
from models.llm.words import Trouble
from models.refusal import UNREACHED, asked_pause, cause_of, may_pass, message_of, one_line

MOST_PAUSE = 5.0
"""Seconds for which a server may ask to be left alone; a person who waits is rather told."""

NONE_OF_THE_APIS = "an answer that is none of the API's"

_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|billing|credit|balance", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context[ _](?:length|window|size)|maximum context|prompt is too long|too many (?:input )?tokens"
    r"|reduce the length",
    re.IGNORECASE,
)
_MODEL = re.compile(r"model", re.IGNORECASE)


class Failed(Exception):
    """There is no answer, or no more of it. `again` is how many seconds at least to wait before asking once more, None
    where that would not help."""

    def __init__(self, trouble: Trouble, again: float | None = None) -> None:
        super().__init__(trouble.code)
        self.trouble = trouble
        self.again = again


class Failures:
    """Tells the errors of one provider apart. Nothing it says holds the key."""

    def __init__(self, place: Place, key: str) -> None:
        self._place = place
        self._key = key

    def of(
        self, error: openai.APIError | httpx2.RequestError | ValueError | OSError, model: str | None
    ) -> Failed:
        """What an error means."""
        if isinstance(error, openai.APIStatusError):
            pause = asked_pause(error)
            return self.of_status(error.status_code, message_of(error), _code(error.body), model, pause)
        if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
            return Failed(self.trouble("chat_unreachable", "no connection in time", model), 0.0)
        if isinstance(error, openai.APIConnectionError):
            return Failed(
                self.trouble("chat_unreachable", cause_of(error).removeprefix(UNREACHED), model), 0.0
            )
        if isinstance(error, httpx2.RequestError | OSError):
            return Failed(
                self.trouble("chat_unreachable", str(error) or "the connection broke off", model), 0.0
            )
        return Failed(self.trouble("chat_server_error", NONE_OF_THE_APIS, model, no_v1=True))

    def of_body(self, error: Mapping[str, Any], model: str | None) -> Failed:
        """What an error in the place of a chunk means."""
        code = error.get("code") or error.get("type") or ""
        status = code if isinstance(code, int) and 400 <= code < 600 else 500
        return self.of_status(status, str(error.get("message") or dict(error)), str(code), model, 0.0)

    def of_status(self, status: int, said: str, code: str, model: str | None, pause: float) -> Failed:
        """What an HTTP status means, with the words and the code that the server gives."""
        match self._kind(status, said, code):
            case "chat_rate_limited" as kind:
                # A longer wait is named and not waited for.
                again = pause if pause <= MOST_PAUSE else None
                wait = pause if 0 < pause < math.inf else None
                return Failed(self.trouble(kind, said, model, wait=wait), again)
            case "chat_no_model" as kind:
                no_v1 = not _MODEL.search(said + code)
                return Failed(self.trouble(kind, said, model, no_v1=no_v1))
            case "chat_server_error" as kind:
                again = pause if may_pass(status) and pause <= MOST_PAUSE else None
                return Failed(self.trouble(kind, f"{status}: {said}", model), again)
            case "chat_wrong_key" as kind:  # what is said of a key is often the key
                return Failed(self.trouble(kind, said if status == 403 else "", model))
            case kind:
                return Failed(self.trouble(kind, said, model))

    def trouble(
        self,
        code: Code,
        said: str = "",
        model: str | None = None,
        *,
        wait: float | None = None,
        no_v1: bool = False,
    ) -> Trouble:
        """With words that may be shown."""
        return Trouble(
            code=code,
            host=self._place.host,
            model=one_line(model, self._key) if model else None,
            said=one_line(said, self._key),
            wait=wait,
            no_v1=no_v1 and not self._place.versioned,
        )

    @staticmethod
    def _kind(status: int, said: str, code: str) -> Code:
        if status == 402 or (status in {403, 429} and _QUOTA.search(f"{code} {said}")):
            return "chat_quota"
        if status in {401, 403}:
            return "chat_wrong_key"
        if status == 429:
            return "chat_rate_limited"
        if status == 404:
            return "chat_no_model"
        if status < 500 and _TOO_LONG.search(f"{code} {said}"):
            return "chat_too_long"
        if status < 400 or may_pass(status):
            return "chat_server_error"
        return "chat_refused"


def _code(body: object) -> str:
    if not isinstance(body, dict):
        return ""
    return f"{body.get('code') or ''} {body.get('type') or ''}"
