"""The stand-in server takes what vLLM takes and nothing else: without that, the tests of the engine prove little."""

from __future__ import annotations

from base64 import b64encode

import aiohttp
import numpy as np
import pytest

from models.remote.media import parts, wav
from models.remote.probe import field
from tests.openai_server import MODEL, OpenAIServer

GOOD = {"model": MODEL, "messages": [{"role": "user", "content": "happy or sad?"}], "max_tokens": 4}


def holding(*content: dict) -> dict:
    return GOOD | {"messages": [{"role": "user", "content": list(content)}]}


async def post(server: OpenAIServer, body: dict) -> tuple[int, dict]:
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{server.url}/chat/completions", json=body) as response,
    ):
        return response.status, await response.json()


@pytest.mark.parametrize(
    "body",
    [
        GOOD | {"messages": []},
        GOOD | {"max_tokens": 0},
        GOOD | {"top_logprobs": 5},
        GOOD | {"logprobs": True, "top_logprobs": 21},
        GOOD | {"structured_outputs": {"choice": []}},
        GOOD | {"structured_outputs": {"choices": ["a"]}},
        holding({"type": "image", "image": "x"}),
        holding({"type": "video_url", "video_url": {"url": "https://example.org/a.mp4"}}),
        holding({"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA"}}),
        holding({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}),
        holding(
            {
                "type": "input_audio",
                "input_audio": {"data": b64encode(wav(np.zeros(0))).decode(), "format": "wav"},
            }
        ),
        holding(*parts(field((9, 9, 9)), None, "")[:1] * 2),
    ],
)
async def test_what_vllm_refuses_is_refused_in_its_shape(server, body):
    status, answer = await post(server, body)
    assert status == answer["error"]["code"] == 400
    assert answer["error"]["type"] == "BadRequestError" and answer["error"]["message"]
    assert server.requests == []


async def test_a_model_that_is_not_there_is_not_found(server):
    status, answer = await post(server, GOOD | {"model": "other"})
    assert (status, answer["error"]["type"]) == (404, "NotFoundError")
    assert answer["error"]["message"] == "The model `other` does not exist."


async def test_media_are_counted_and_fields_that_are_not_known_passed_over(server):
    _, plain = await post(server, GOOD | {"seed": 3})
    _, media = await post(server, holding(*parts(field((9, 9, 9)), wav(np.ones(16000)), "happy or sad?")))
    assert media["usage"]["prompt_tokens"] == plain["usage"]["prompt_tokens"] + 3 * 64 + 25


async def test_log_probabilities_are_those_of_a_distribution(server):
    _, answer = await post(server, GOOD | {"logprobs": True, "top_logprobs": 20})
    (place,) = answer["choices"][0]["logprobs"]["content"]
    shares = np.exp([token["logprob"] for token in place["top_logprobs"]])
    assert place["token"] == place["top_logprobs"][0]["token"] == answer["choices"][0]["message"]["content"]
    assert 0.99 < shares.sum() <= 1 and list(shares) == sorted(shares, reverse=True)
