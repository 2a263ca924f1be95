from __future__ import annotations

import json

import pytest

from models.llm.base import Usage
from models.llm.chunk import Chunk, chunk_of


def of(**choice: object) -> Chunk:
    return chunk_of(json.dumps({"choices": [{"index": 0, **choice}]}))


@pytest.mark.parametrize(
    ("choice", "chunk"),
    [
        ({"delta": {"role": "assistant", "content": ""}}, Chunk()),
        ({"delta": {"role": "assistant", "content": None}}, Chunk()),
        ({"delta": {"content": "Hi"}, "finish_reason": None}, Chunk(text="Hi")),
        ({"delta": {"reasoning_content": "Hm"}}, Chunk(thinks=True)),
        ({"delta": {"reasoning": "Hm", "content": ""}}, Chunk(thinks=True)),
        ({"delta": {}, "finish_reason": "stop"}, Chunk(finish="stop")),
        ({"message": {"content": "All"}, "finish_reason": "stop"}, Chunk(text="All", finish="stop")),
        ({"delta": {"content": "\ud83d"}}, Chunk(text="?")),
    ],
)
def test_what_a_choice_holds_is_read(choice, chunk):
    assert of(**choice) == chunk


def test_usage_comes_without_a_choice():
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    assert chunk_of(json.dumps({"choices": [], "usage": usage})) == Chunk(usage=Usage(prompt=3, completion=4))
    assert chunk_of(json.dumps({"choices": [], "usage": None})) == Chunk()


def test_errors_and_the_end_are_told():
    assert chunk_of("[DONE]").last
    assert chunk_of('{"error": {"message": "x"}}').error == {"message": "x"}
    assert chunk_of('{"error": "x"}').error == {"message": "x"}


@pytest.mark.parametrize("data", ["", "{", "[]", "3", '{"choices": [{"delta": ["x"]}]}'])
def test_what_is_no_chunk_is_refused(data):
    with pytest.raises(ValueError):
        chunk_of(data)
