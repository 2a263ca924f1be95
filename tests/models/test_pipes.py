"""What processes say to each other: records and paths come through, and nothing that could be called."""

from __future__ import annotations

import asyncio
import io
import os
import pickle
import subprocess
from pathlib import Path

import pytest

from models.base import EngineStatus
from models.jobs import Failed, Loaded, NextWindow
from models.llm.base import LlmConfig
from models.pipes import LENGTH, Beat, pack, read, read_from


class Called:
    """What one pickles to have something called where it is read."""

    def __init__(self, what, *arguments):
        self.what = what, arguments

    def __reduce__(self):
        return self.what


async def read_in_the_server(message):
    stream = asyncio.StreamReader()
    stream.feed_data(pack(message))
    return await read_from(stream)


@pytest.mark.parametrize(
    "message",
    [
        Loaded(status=EngineStatus(name="embedded", state="ready")),
        Failed(job_id=1, code="no_video", message="…"),
        NextWindow(job_id=1, question=None, path=Path("/videos/a.webm"), first=True),
        LlmConfig(api_key="…"),
        (1, 2.5, None, True, "…", b"\0", {"a": [frozenset({1})]}),
    ],
)
async def test_messages_come_through_as_they_were(message):
    assert await read_in_the_server(message) == message == read(io.BytesIO(pack(message)))


async def test_a_beat_comes_through():
    assert isinstance(await read_in_the_server(Beat()), Beat)


@pytest.mark.parametrize(
    "message",
    [
        Called(os.system, "true"),
        Called(subprocess.Popen, ["true"]),
        Called(eval, "1"),
        Called(exec, "1"),
        Called(getattr, Failed, "__init__"),
        Called(pack, 1),
        Failed(job_id=1, code="no_video", message=Called(os.system, "true")),
        os.system,
        Called,
    ],
)
async def test_what_would_call_anything_is_refused(message):
    with pytest.raises(pickle.UnpicklingError, match="is nothing to be said"):
        await read_in_the_server(message)
    with pytest.raises(pickle.UnpicklingError, match="is nothing to be said"):
        read(io.BytesIO(pack(message)))


@pytest.mark.parametrize(
    "named", [b"models.pipes\nos.system", b"models.jobs\nFailed.__init__", b"antigravity\n_hash"]
)
def test_a_name_leads_neither_through_a_module_nor_to_one_that_is_not_there(named):
    body = b"c" + named + b"\n."
    with pytest.raises(pickle.UnpicklingError):
        read(io.BytesIO(LENGTH.pack(len(body)) + body))
