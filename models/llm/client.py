"""The chat's provider over HTTP: its list of models, and an answer as it comes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from typing import Any

import httpx2
import openai

from models.catalog import is_loopback
from models.llm.base import ChatTurn, LlmConfig
from models.llm.chunk import Chunk, chunk_of
from models.llm.events import Events
from models.llm.failure import Failed, Failures
from models.llm.form import Form
from models.llm.place import place_of
from models.llm.prompt import messages_of
from models.refusal import is_key, message_of
from models.scalars import is_scalars

CONNECT_WITHIN = 5.0
LIST_WITHIN = 4.0
END_WITHIN = 0.05
"""Seconds in which a stream ends after its last event, where its connection is to be used again."""

KEPT_FOR = 55.0
"""Seconds for which an idle connection is kept: the next question of a conversation needs no handshake."""

MOST_CONNECTIONS = 512

# It writes a line for each request.
logging.getLogger("httpx2").setLevel(logging.WARNING)


class Client:
    """Asks one provider, each time once. All it raises is `Failed`."""

    def __init__(self, config: LlmConfig) -> None:
        """Raises `ValueError` for an address that cannot be one."""
        self.place = place_of(config)
        key = (config.api_key or "").strip()
        self.failures = Failures(self.place, key)
        self._system = config.system_prompt
        self._is_key = is_key(key)
        # Messages go to the host that was named and no other: not where it redirects to, and what is for this machine
        # not to a proxy that the environment names.
        http = openai.DefaultAsyncHttpxClient(
            trust_env=not is_loopback(self.place.base_url),
            follow_redirects=False,
            limits=httpx2.Limits(
                max_connections=MOST_CONNECTIONS,
                max_keepalive_connections=MOST_CONNECTIONS,
                keepalive_expiry=KEPT_FOR,
            ),
        )
        self._client = openai.AsyncOpenAI(
            base_url=self.place.base_url,
            api_key=(key if self._is_key else "") or "none",
            max_retries=0,
            # How long to wait for an answer is up to who asks.
            timeout=openai.Timeout(None, connect=CONNECT_WITHIN),
            http_client=http,
        )
        self._create: Any = self._client.chat.completions.with_streaming_response.create
        self._form = Form()

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.close()

    async def models(self) -> list[str] | None:
        """The names that are listed; None for a server that has no list. Raises `Failed`."""
        self._check_key()
        try:
            async with asyncio.timeout(LIST_WITHIN):
                listed = [model.id for model in (await self._client.models.list()).data]
                return [name for name in listed if isinstance(name, str) and is_scalars(name)]
        except openai.APIStatusError as error:
            if error.status_code in {404, 405}:
                return None
            raise self.failures.of(error, None) from None
        except openai.APIError as error:
            raise self.failures.of(error, None) from None
        except TimeoutError:
            raise Failed(self.failures.trouble("chat_unreachable", "it did not answer in time")) from None
        except (AttributeError, TypeError, ValueError) as error:
            # The client takes any JSON for what it expects, and any other text for a string.
            raise self.failures.of(ValueError(str(error)), None) from None

    async def stream(
        self, turns: Sequence[ChatTurn], mood: str | None, model: str
    ) -> AsyncGenerator[Chunk, None]:
        """What comes of an answer, chunk by chunk, in whichever form the server takes. Raises `Failed`."""
        self._check_key()
        form = self._form
        while True:
            try:
                async with (
                    self._create(**self._arguments(turns, mood, model, form)) as response,
                    aclosing(_chunks(response.iter_bytes())) as chunks,
                ):
                    async for chunk in chunks:
                        yield chunk
                return
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                less = form.without(message_of(error))
                if less is None:
                    raise self.failures.of(error, model) from None
                self._form = form = less
            except (openai.APIError, httpx2.RequestError, OSError, ValueError) as error:
                raise self.failures.of(error, model) from None

    def _arguments(
        self, turns: Sequence[ChatTurn], mood: str | None, model: str, form: Form
    ) -> dict[str, object]:
        messages = messages_of(turns, system=self._system, mood=mood, together=form.together)
        options = {"stream_options": {"include_usage": True}} if form.usage else {}
        # What goes by the client's own arguments is looked through key by key, which takes longer for a conversation
        # than all the rest of a request.
        return {
            "model": model,
            "messages": [],
            "stream": True,
            "extra_body": {"messages": messages, **options},
        }

    def _check_key(self) -> None:
        if not self._is_key:
            raise Failed(self.failures.trouble("chat_wrong_key", "it has characters in it that no key has"))


async def _chunks(pieces: AsyncIterator[bytes]) -> AsyncGenerator[Chunk, None]:
    """Those in the bytes of a response. Raises `ValueError` for what is none of the API's."""
    events, begun, plain = Events(), False, b""
    async for piece in pieces:
        if not begun and len(plain) < 64_000:
            plain += piece
        for data in events.feed(piece):
            begun = True
            chunk = chunk_of(data)
            if chunk.last:
                await _drained(pieces)
            yield chunk
            if chunk.last:
                return
    for data in events.end():
        begun = True
        yield chunk_of(data)
    if not begun and plain.strip():
        yield chunk_of(plain.decode())  # a whole answer at once, of a server that does not stream


async def _drained(pieces: AsyncIterator[bytes]) -> None:
    """Read to the end, so that the connection can be used again."""
    with suppress(TimeoutError):
        async with asyncio.timeout(END_WITHIN):
            async for _ in pieces:
                pass
