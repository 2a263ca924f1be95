"""The HTTP around it, in vLLM's shapes, in a thread of its own: for tests with a loop and without."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from tests.openai_server.behaviour import Behaviour
from tests.openai_server.conversation import prompt_tokens
from tests.openai_server.model import completion
from tests.openai_server.schema import AudioPart, ChatRequest, VideoPart
from tests.openai_server.stream import Stream

MOST_BYTES = 64 * 2**20


class Refused(Exception):
    """A request that is answered with an error, in the shape of vLLM's."""

    def __init__(
        self, status: int, message: str, kind: str = "BadRequestError", code: str | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.kind, self.code = status, kind, code or status


@dataclass(slots=True)
class Served:
    """One request to the chat and what became of it. `request` is None where it was not as it should be."""

    body: Mapping[str, Any]
    request: ChatRequest | None
    status: int
    stream: Stream | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def first_token_at(self) -> float | None:
        """When the first token of a streamed answer was written, in `time.monotonic`'s seconds."""
        return self.stream.first_token_at if self.stream else None


@dataclass(slots=True)
class OpenAIServer:
    """Runs for the length of a `with` block."""

    behaviour: Behaviour = field(default_factory=Behaviour)
    served: list[Served] = field(default_factory=list)
    most_at_once: int = 0
    """Chats that were answered at a time."""
    lists: int = 0
    """How often the models were listed."""
    port: int = 0
    under_way: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def requests(self) -> list[ChatRequest]:
        """Those that were answered."""
        return [each.request for each in self.served if each.request and each.status == 200]

    def __enter__(self) -> OpenAIServer:
        ready = Event()
        self._thread = Thread(target=self._run, args=(ready,), name="openai-server")
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        assert self._thread is not None
        self._thread.join()

    def _run(self, ready: Event) -> None:
        asyncio.set_event_loop(self._loop)
        runner = self._loop.run_until_complete(self._started())
        ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _started(self) -> web.AppRunner:
        app = web.Application(client_max_size=MOST_BYTES, middlewares=[self._guard])
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._chat)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        return runner

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Errors in vLLM's shape, the key, and the failures that are asked for."""
        behaviour = self.behaviour
        try:
            if behaviour.key and request.headers.get("Authorization") != f"Bearer {behaviour.key}":
                sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
                raise Refused(401, f"Unauthorized: {sent}", "AuthenticationError")
            if behaviour.fails and request.method == "POST":
                await request.read()
                fault, *behaviour.fails = behaviour.fails
                self.served.append(Served({}, None, 0 if fault == "drop" else fault))
                if fault == "drop":
                    request.transport.abort()
                    return web.Response()
                raise Refused(fault, f"failing as told, with {fault}", "InternalServerError")
            return await handler(request)
        except Refused as error:
            headers = {"Retry-After": behaviour.retry_after} if behaviour.retry_after else None
            body = {"message": str(error), "type": error.kind, "param": None, "code": error.code}
            return web.json_response({"error": body}, status=error.status, headers=headers)
        except web.HTTPNotFound:
            return web.json_response({"detail": "Not Found"}, status=404)

    async def _models(self, _: web.Request) -> web.Response:
        if self.behaviour.models is None:
            raise web.HTTPNotFound
        self.lists += 1
        listed = [{"id": name, "object": "model", "owned_by": "vllm"} for name in self.behaviour.models]
        return web.json_response({"object": "list", "data": listed})

    async def _chat(self, http: web.Request) -> web.StreamResponse:
        body = await http.json()
        try:
            request = checked(body, self.behaviour)
        except Refused as error:
            self.served.append(Served(body, None, error.status, headers=http.headers))
            raise
        stream = Stream(request, self.behaviour) if request.stream else None
        self.served.append(Served(body, request, 200, stream, http.headers))
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            await asyncio.sleep(self.behaviour.delay)
            if stream is not None:
                return await stream.write(http)
        finally:
            self.under_way -= 1
        return web.json_response(completion(request, self.behaviour))


def checked(body: Mapping[str, Any], behaviour: Behaviour) -> ChatRequest:
    """The request, when the server takes it. Raises `Refused`."""
    try:
        request = ChatRequest.model_validate(body)
    except ValidationError as error:
        raise Refused(400, "; ".join(f"{each['loc']}: {each['msg']}" for each in error.errors())) from None
    if behaviour.models is not None and request.model not in behaviour.models:
        raise Refused(404, f"The model `{request.model}` does not exist.", "NotFoundError")
    if behaviour.quota:
        said = "You exceeded your current quota, please check your plan and billing details."
        raise Refused(429, said, "insufficient_quota", "insufficient_quota")
    if behaviour.refuses_stream_options and request.stream_options:
        raise Refused(400, "Unrecognized request argument supplied: stream_options")
    if behaviour.refuses_two_systems and any(each.role == "system" for each in request.messages[1:]):
        raise Refused(400, "System message must be at the beginning.")
    if behaviour.context_length is not None and (asked := prompt_tokens(request)) > behaviour.context_length:
        said = f"This model's maximum context length is {behaviour.context_length} tokens, not {asked}."
        raise Refused(400, said, "invalid_request_error", "context_length_exceeded")
    for kind, name in ((VideoPart, "video"), (AudioPart, "audio")):
        if name in behaviour.refuses and request.media(kind):
            raise Refused(400, f"At most 0 {name}(s) may be provided in one prompt.")
    if request.structured_outputs and behaviour.structured_outputs == "refused":
        raise Refused(400, "Unrecognized request argument supplied: structured_outputs")
    if request.logprobs and behaviour.logprobs == "refused":
        raise Refused(400, "This model does not support logprobs.")
    if request.top_logprobs > behaviour.most_logprobs:
        most = behaviour.most_logprobs
        raise Refused(
            400, f"Requested sample logprobs of {request.top_logprobs}, which is greater than {most}"
        )
    return request
