"""The server killed in the middle of a call that chats and is labelled: what it had acknowledged is all there."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from bench.caller import Caller, Source
from bench.media import material
from tests.openai_server import Behaviour, OpenAIServer

ROOT = Path(__file__).parent.parent.parent


@contextmanager
def program(data, **settings):
    """`python server.py`, which a test may kill."""
    environment = {"HTTP_PORT": "0", "HTTPS_PORT": "0", "DATA_DIR": str(data)} | settings
    process = subprocess.Popen(
        [sys.executable, "server.py"],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        printed = ""
        while "Ctrl-C" not in printed:
            line = process.stdout.readline()
            assert line, f"the server ended with {process.wait()}"
            printed += line
        yield process, re.search(r"(http://localhost:\d+)", printed)[1]
    finally:
        process.terminate()
        process.communicate(timeout=10)


def read(url):
    with urllib.request.urlopen(url, timeout=10) as response:
        return json.load(response)


def kill(process, *, everything):
    """At once, with no time for a last word."""
    doomed = [psutil.Process(process.pid)]
    if everything:
        doomed += doomed[0].children(recursive=True)
    for each in doomed:
        with suppress(psutil.NoSuchProcess):
            each.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("everything", [False, True], ids=["the server", "the server and its processes"])
@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_acknowledged_is_missing_after_a_kill(tmp_path, seed, everything):
    source, chance = Source.read(material("vp8", (320, 240))), random.Random(seed)
    with OpenAIServer(Behaviour(pace=0.01)) as model:
        settings = {"OPENAI_API_BASE": model.url, "SAVE_INTERVAL": "0.5"}
        with program(tmp_path, **settings) as (process, url):
            caller = Caller(url, source, consent={"analysis": True, "recording": True})
            await caller.connect()
            caller.say("start_recording")
            await caller.hear("emotion_result", within=20)
            ends = asyncio.get_running_loop().time() + chance.uniform(2.0, 4.0)
            for number in range(8):
                caller.say("chat", message_id=f"m{number}", text=f"sentence {number}, which must not be lost")
                await asyncio.sleep(chance.uniform(0.05, 0.4))
            await asyncio.sleep(max(0.0, ends - asyncio.get_running_loop().time()))
            kill(process, everything=everything)
            await asyncio.sleep(0.1)  # what it had sent is read
            await caller.close()
        session_id = caller.answer["session_id"]
        asked = {m["message_id"] for m in caller.heard("chat_accepted") if m["kept"]}
        answers = {m["message_id"]: m["text"] for m in caller.heard("chat_done") if m["kept"]}
        clips = {m["video_name"] for m in caller.heard("clip_saved")}
        assert len(asked) > 3 and answers and clips
        with program(tmp_path, **settings) as (_, url):
            kept = read(f"{url}/api/sessions/{session_id}/timeline")
            turns = {(turn["message_id"], turn["role"]): turn["text"] for turn in kept["turns"]}
            assert asked <= {message_id for message_id, role in turns if role == "user"}
            assert {message_id: turns.get((message_id, "assistant")) for message_id in answers} == answers
            assert clips <= {clip["name"] for clip in kept["clips"]}
            assert clips <= {path.name for path in (tmp_path / "videos").iterdir()}
            assert kept["labels"]
            assert kept["session"]["end_reason"]
