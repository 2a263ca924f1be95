"""A streamed answer as server-sent events, in the shapes of OpenAI and vLLM, and the ways in which it may go wrong."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from tests.openai_server.behaviour import Behaviour
from tests.openai_server.conversation import prompt_tokens, reply, tokens_of
from tests.openai_server.schema import ChatRequest

FOR_EVER = 3600.0
DONE = b"data: [DONE]\n\n"


class Stream:
    """One answer. `first_token_at` is when its first token was written, in `time.monotonic`'s seconds."""

    def __init__(self, request: ChatRequest, behaviour: Behaviour) -> None:
        self._request = request
        self._behaviour = behaviour
        self._finish: str = behaviour.finish
        self.first_token_at: float | None = None
        self.written = 0
        """Tokens."""

    async def write(self, http: web.Request) -> web.StreamResponse:
        """Answer a request, as well as the behaviour allows."""
        behaviour = self._behaviour
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(http)
        await response.write(self._delta({"role": "assistant", "content": ""}))
        for delta in self._deltas():
            if await self._breaks_off(http, response):
                return response
            if behaviour.pace:
                await asyncio.sleep(behaviour.pace)
            if self.first_token_at is None:
                self.first_token_at = time.monotonic()
            if behaviour.stamps:
                delta = {"content": f"{time.monotonic():.6f} "}
            await response.write(self._delta(delta))
            self.written += 1
        if not await self._breaks_off(http, response):
            await response.write(self._end())
        return response

    def _deltas(self) -> Iterator[dict[str, str]]:
        behaviour, question = self._behaviour, self._request.question
        thoughts = tokens_of(f"The question is: {question}")
        if behaviour.reasons:
            yield from ({"reasoning_content": token} for token in thoughts)
        text = reply(self._request, behaviour)
        tokens = tokens_of(text, behaviour.tokens)
        if behaviour.thinks:
            # Tags are split, as by models that have no tokens for them.
            tokens = ["<th", "ink>", *thoughts, "</", "think>\n\n", *tokens]
        yield from ({"content": token} for token in self._limited(tokens))

    def _limited(self, tokens: list[str]) -> list[str]:
        most = self._request.max_tokens
        if "max_tokens" not in self._request.model_fields_set or len(tokens) <= most:
            return tokens
        self._finish = "length"
        return tokens[:most]

    async def _breaks_off(self, http: web.Request, response: web.StreamResponse) -> bool:
        behaviour = self._behaviour
        if self.written == behaviour.stalls_after:
            await asyncio.sleep(FOR_EVER)
        if self.written == behaviour.cuts_after:
            assert http.transport is not None
            http.transport.abort()
            return True
        if self.written == behaviour.error_after:
            error = {"message": "the model fell over", "type": "InternalServerError", "code": 500}
            await response.write(_event({"error": error}) + DONE)
            return True
        return self.written == behaviour.ends_after

    def _end(self) -> bytes:
        behaviour, request = self._behaviour, self._request
        end = self._delta({}, self._finish)
        if request.stream_options and request.stream_options.include_usage and behaviour.usage:
            asked = prompt_tokens(request)
            usage = {
                "prompt_tokens": asked,
                "completion_tokens": self.written,
                "total_tokens": asked + self.written,
            }
            end += _event(self._chunk() | {"choices": [], "usage": usage})
        return end + DONE if behaviour.done else end

    def _delta(self, delta: dict[str, str], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _event(self._chunk() | {"choices": [choice]})

    def _chunk(self) -> dict[str, Any]:
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": self._request.model,
        }


def _event(body: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n".encode()
