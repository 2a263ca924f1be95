from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil
import pytest

from models.jobs import Analyze, Analyzed, Failed, Forget, Job, Pictured, Ready, Reply, Thumbnail
from tests import media

Process = subprocess.Popen[bytes]
MEMORY_CEILING = 200 * 1024 * 1024


def say(process: Process, job: Job) -> None:
    assert process.stdin is not None
    body = pickle.dumps(job)
    process.stdin.write(struct.pack(">I", len(body)) + body)
    process.stdin.flush()


def hear(stream: IO[bytes] | None) -> Reply:
    assert stream is not None
    (length,) = struct.unpack(">I", stream.read(4))
    reply: Reply = pickle.loads(stream.read(length))
    return reply


def ask(process: Process, job: Job) -> Reply:
    say(process, job)
    return hear(process.stdout)


def start(*command: str) -> Process:
    return subprocess.Popen(
        [sys.executable, *(command or ("-m", "models.worker"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )


@pytest.fixture
def worker() -> Iterator[Process]:
    process = start()
    with process:
        ready = hear(process.stdout)
        assert isinstance(ready, Ready)
        assert [(engine.name, engine.state) for engine in ready.engines] == [("embedded", "ready")]
        yield process
        process.kill()


def analyze(job_id: int, data: object, start: float = 0.0) -> Analyze:
    return Analyze(job_id=job_id, session_id="a", data=data, start=start, end=start + 5)  # type: ignore[arg-type]


def test_a_bad_clip_fails_and_the_next_is_answered(worker: Process, vp8: bytes) -> None:
    failed = ask(worker, analyze(1, b"garbage"))
    assert isinstance(failed, Failed)
    assert (failed.job_id, failed.code) == (1, "clip_unreadable")
    answered = ask(worker, analyze(2, vp8))
    assert isinstance(answered, Analyzed)
    assert (answered.job_id, answered.result.emotion) == (2, "happy")


def test_thumbnails_are_made_and_sound_has_none(worker: Process, vp8: bytes, wav: Path) -> None:
    pictured = ask(worker, Thumbnail(job_id=1, data=vp8))
    assert isinstance(pictured, Pictured)
    assert pictured.jpeg.startswith(b"\xff\xd8")
    failed = ask(worker, Thumbnail(job_id=2, data=media.encode_clip([], 15, wav=wav)))
    assert isinstance(failed, Failed)
    assert (failed.job_id, failed.code) == (2, "no_video")


def test_a_job_that_raises_is_answered(worker: Process, vp8: bytes) -> None:
    failed = ask(worker, analyze(1, "not bytes"))
    assert isinstance(failed, Failed)
    assert (failed.job_id, failed.code) == (1, "analysis_failed")
    assert isinstance(ask(worker, analyze(2, vp8)), Analyzed)


def test_forgetting_has_no_reply(worker: Process, vp8: bytes) -> None:
    ask(worker, analyze(1, vp8))
    say(worker, Forget(session_id="a"))
    say(worker, Forget(session_id="never seen"))
    assert isinstance(again := ask(worker, analyze(2, vp8)), Analyzed)
    assert again.result.latency.inference > 1


def test_it_ends_when_stdin_does(worker: Process, vp8: bytes) -> None:
    assert isinstance(ask(worker, analyze(1, vp8)), Analyzed)
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(timeout=5) == 0


def test_half_a_job_at_the_end_is_no_crash(worker: Process) -> None:
    assert worker.stdin is not None
    worker.stdin.write(struct.pack(">I", 1000) + b"half")
    worker.stdin.close()
    assert worker.wait(timeout=5) == 0


def test_it_is_polite_and_small(worker: Process, vp8: bytes) -> None:
    process = psutil.Process(worker.pid)
    for at in range(10):
        say(worker, Analyze(job_id=at, session_id=str(at), data=vp8, start=0.0, end=5.0))
        hear(worker.stdout)
    assert process.nice() == min(19, os.nice(0) + 5)
    assert process.memory_info().rss < MEMORY_CEILING
    assert process.num_threads() <= 2


def test_prints_do_not_reach_the_replies() -> None:
    script = (
        "import models.worker as w\n"
        "class Loud(w.EmbeddedEngine):\n"
        "    def load(self):\n"
        "        print('noise'); import os; os.write(1, b'more noise')\n"
        "        raise w.EngineUnavailable('no wheels: make run installs them')\n"
        "w.EmbeddedEngine = Loud\n"
        "w.main()\n"
    )
    with start("-c", script) as process:
        ready = hear(process.stdout)
        assert isinstance(ready, Ready)
        assert (ready.engines[0].state, ready.engines[0].reason) == (
            "unavailable",
            "no wheels: make run installs them",
        )
        failed = ask(process, Analyze(job_id=1, session_id="a", data=b"", start=0, end=5))
        assert isinstance(failed, Failed)
        assert process.stdin is not None
        process.stdin.close()
        assert process.stderr is not None
        assert b"more noise" in process.stderr.read()
        assert process.wait(timeout=5) == 0
