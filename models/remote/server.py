"""An OpenAI-compatible server: asked within a time, again where that may help, and its errors in one line."""

from __future__ import annotations

import logging
import math
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from time import monotonic, sleep
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import openai

from models.answer import bare, without_thoughts
from models.catalog import is_loopback
from models.refusal import (
    ATTEMPTS,
    asked_pause,
    cause_of,
    is_key,
    may_pass,
    message_of,
    one_line,
    pause_before,
)
from models.remote.errors import ServerFailed
from models.remote.extras import Extras

CONNECT_WITHIN = 3.0
LEAST_TIME = 0.5
"""Seconds that must be left for another attempt to be made."""

Answered = TypeVar("Answered")
Message = dict[str, object]

V1 = "should REMOTE_BASE_URL end in /v1?"

# It writes a line for each request.
logging.getLogger("httpx2").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`text` is without a reasoning model's thoughts. `tokens` are the likeliest first tokens that carry text and
    their natural log-probabilities, empty where the server gives none; `prompt_tokens` counts what it was asked."""

    text: str
    tokens: Sequence[tuple[str, float]] = ()
    prompt_tokens: int | None = None


class Server:
    """Threads may share one. Times called `until` are `time.monotonic`'s."""

    def __init__(self, base_url: str, api_key: str | None) -> None:
        """Raises `ServerFailed` for an address or a key that cannot be one."""
        self.model = ""
        """Whom to ask there."""
        self._key = (api_key or "").strip()
        if not is_key(self._key):
            raise ServerFailed("REMOTE_API_KEY has characters in it that no key has")
        try:
            self._shown = _without_secrets(base_url)
        except ValueError as error:
            raise ServerFailed(
                "REMOTE_BASE_URL is no address: write it like http://127.0.0.1:8000/v1"
            ) from error
        self._extras = Extras()
        # Clips go to the host that was named and no other: not where it redirects to, and what is for this machine
        # not to a proxy that the environment names.
        http = openai.DefaultHttpxClient(trust_env=not is_loopback(base_url), follow_redirects=False)
        weakref.finalize(self, http.close)
        # We try again ourselves: the client would obey a Retry-After of two minutes and give each attempt all the time.
        self._client = openai.OpenAI(
            base_url=base_url, api_key=self._key or "none", max_retries=0, http_client=http
        )

    def __str__(self) -> str:
        return f"the server at {self._shown}"

    def models(self, until: float) -> list[str]:
        """The names it lists. Raises `ServerFailed`."""
        try:
            return self._attempted(
                lambda timeout: [model.id for model in self._client.models.list(timeout=timeout).data], until
            )
        except openai.NotFoundError as error:
            raise ServerFailed(f"{self._failed(error)}; {V1}", error.status_code) from error
        except openai.APIError as error:
            raise self._failed(error) from error

    def ask(
        self, messages: Sequence[Message], *, most_tokens: int, until: float, choice: Sequence[str] = ()
    ) -> Answer:
        """The answer to a conversation; with a `choice`, one of its words and with log-probabilities, as far as the
        server can do that. Raises `ServerFailed`."""
        asked = {"messages": messages, "model": self.model, "max_tokens": most_tokens, "temperature": 0.0}
        extras: Extras | None = self._extras if choice else Extras(choice=False, logprobs=0)
        while extras is not None:
            try:
                answer = self._answer(asked | extras.arguments(choice), until)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                failed = self._failed(error)
                extras = extras.without(message_of(error))
            except openai.APIError as error:
                raise self._failed(error) from error
            else:
                if choice:
                    self._extras = extras
                return answer
        raise failed

    def _answer(self, asked: dict[str, Any], until: float) -> Answer:
        return self._attempted(
            lambda timeout: _read(self._client.chat.completions.create(**asked, timeout=timeout)), until
        )

    def _attempted(self, call: Callable[[openai.Timeout], Answered], until: float) -> Answered:
        """What a call returns, tried again after a while where that may help and there is time."""
        for attempt in count(1):
            left = max(until - monotonic(), 1e-3)
            try:
                return call(openai.Timeout(left, connect=min(CONNECT_WITHIN, left)))
            except openai.APIError as error:
                pause = _pause(error, attempt)
                if pause is None or monotonic() + pause + LEAST_TIME > until:
                    raise
            except (AttributeError, IndexError, TypeError, ValueError) as error:
                # The client takes any JSON for what it expects, and any other text for a string.
                raise ServerFailed(f"{self} gave an answer that is none of the API's; {V1}") from error
            sleep(pause)
        raise AssertionError("count has no end")

    def _failed(self, error: openai.APIError) -> ServerFailed:
        status = error.status_code if isinstance(error, openai.APIStatusError) else None
        return ServerFailed(f"{self} {one_line(_words(error), self._key)}", status)


def _pause(error: openai.APIError, attempt: int) -> float | None:
    """Seconds after which to try again, at least what the server asks for. None when another attempt would not
    help."""
    if attempt == ATTEMPTS:
        return None
    if isinstance(error, openai.APIConnectionError):
        return pause_before(attempt)
    if not isinstance(error, openai.APIStatusError) or not may_pass(error.status_code):
        return None
    asked = asked_pause(error)
    return asked + pause_before(attempt) if math.isfinite(asked) else None


def _words(error: openai.APIError) -> str:
    """How a call ended, to be put after the server's name."""
    match error:
        case openai.AuthenticationError():
            return "answered 401: REMOTE_API_KEY is wrong or missing"
        case openai.APIStatusError():
            return f"answered {error.status_code}: {message_of(error)}"
        case openai.APITimeoutError():
            return "did not answer in time"
        case openai.APIConnectionError():
            return cause_of(error)
    return str(error)


def _without_secrets(url: str) -> str:
    """A URL that may be shown: no user, no password, no query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))


def _read(completion: Any) -> Answer:
    chosen = completion.choices[0]
    return Answer(
        text=without_thoughts(chosen.message.content or ""),
        tokens=_first_tokens((chosen.logprobs and chosen.logprobs.content) or []),
        prompt_tokens=completion.usage and completion.usage.prompt_tokens,
    )


def _first_tokens(content: Sequence[Any]) -> list[tuple[str, float]]:
    """The likeliest tokens at the place of the first that carries text, after a reasoning model's thoughts."""
    thoughts = [at for at, place in enumerate(content) if "</think>" in place.token]
    for place in content[thoughts[-1] + 1 if thoughts else 0 :]:
        if bare(place.token):
            likeliest = [(token.token, token.logprob) for token in place.top_logprobs or []]
            told = any(token == place.token for token, _ in likeliest)
            return likeliest if told else [(place.token, place.logprob), *likeliest]
    return []
