from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil
import pytest

from models.base import Question
from models.catalog import EmbeddedConfig
from models.jobs import (
    Analyze,
    Analyzed,
    Configure,
    Failed,
    Forget,
    Job,
    Loaded,
    Loading,
    NextWindow,
    Pictured,
    Reply,
    Thumbnail,
)
from tests import media

Process = subprocess.Popen[bytes]
MEMORY_CEILING = 200 * 1024 * 1024


def say(process: Process, job: Job | Forget | Configure) -> None:
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
        say(process, Configure(config=EmbeddedConfig()))
        loaded = hear(process.stdout)
        assert isinstance(loaded, Loaded)
        assert (loaded.status.name, loaded.status.state) == ("embedded", "ready")
        yield process
        process.kill()


def analyze(job_id: int, data: object, start: float = 0.0) -> Analyze:
    question = Question(session_id="a")
    return Analyze(job_id=job_id, question=question, data=data, start=start, end=start + 5)  # type: ignore[arg-type]


def test_a_bad_clip_fails_and_the_next_is_answered(worker: Process, vp8: bytes) -> None:
    failed = ask(worker, analyze(1, b"garbage"))
    assert isinstance(failed, Failed)
    assert (failed.job_id, failed.code) == (1, "clip_unreadable")
    answered = ask(worker, analyze(2, vp8))
    assert isinstance(answered, Analyzed)
    assert answered.result is not None
    assert (answered.job_id, answered.result.emotion) == (2, "happy")


def test_thumbnails_are_made_and_sound_has_none(
    worker: Process, vp8: bytes, wav: Path, tmp_path: Path
) -> None:
    path = tmp_path / "clip.webm"
    path.write_bytes(vp8)
    pictured = ask(worker, Thumbnail(job_id=1, path=path))
    assert isinstance(pictured, Pictured)
    assert pictured.jpeg.startswith(b"\xff\xd8")
    path.write_bytes(media.encode_clip([], 15, wav=wav))
    failed = ask(worker, Thumbnail(job_id=2, path=path))
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
    assert again.result is not None and again.result.latency.inference > 1


def test_it_ends_when_stdin_does(worker: Process, vp8: bytes) -> None:
    assert isinstance(ask(worker, analyze(1, vp8)), Analyzed)
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(timeout=5) == 0


def test_it_ends_without_a_crash_when_nobody_reads_its_replies() -> None:
    with start() as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        say(process, Configure(config=None))
        told = process.stderr.read().decode()
        assert process.wait(timeout=20) == 0
    assert "Traceback" not in told and "nobody reads the replies any more" in told


def test_half_a_job_at_the_end_is_no_crash(worker: Process) -> None:
    assert worker.stdin is not None
    worker.stdin.write(struct.pack(">I", 1000) + b"half")
    worker.stdin.close()
    assert worker.wait(timeout=5) == 0


@pytest.mark.slow
def test_it_is_polite_and_small(worker: Process, vp8: bytes) -> None:
    process = psutil.Process(worker.pid)
    for at in range(10):
        say(worker, Analyze(job_id=at, question=Question(session_id=str(at)), data=vp8, start=0.0, end=5.0))
        hear(worker.stdout)
    assert process.nice() == min(19, os.nice(0) + 5)
    assert process.memory_info().rss < MEMORY_CEILING
    assert process.num_threads() <= 2


SCRIPT = """
import models.worker as w
class Engine:
    name, parallel, deadline, interval = "test", {parallel}, 3.0, 1.0
    def wanted(self, session_id, times): return []
    def heard_until(self, session_id): return float("inf")
    def forget(self, session_id): pass
    def load(self, progress):
{load}
    def analyze(self, clip, question, *, decode_ms):
{analyze}
w.create = lambda config: Engine()
w.main()
"""


def scripted(load: str = "pass", analyze: str = "pass", parallel: int = 1) -> Process:
    """A worker with an engine that does what these lines of Python say."""
    bodies = [textwrap.indent(body, " " * 8) for body in (load, analyze)]
    process = start("-c", SCRIPT.format(load=bodies[0], analyze=bodies[1], parallel=parallel))
    say(process, Configure(config=EmbeddedConfig()))
    return process


def test_prints_do_not_reach_the_replies() -> None:
    load = (
        "print('noise'); import os; os.write(1, b'more noise')\n"
        "raise w.EngineUnavailable('no wheels: make run installs them', 'not_installed')"
    )
    with scripted(load) as process:
        loaded = hear(process.stdout)
        assert isinstance(loaded, Loaded)
        status = loaded.status
        assert (status.state, status.code) == ("unavailable", "not_installed")
        assert status.reason == "no wheels: make run installs them"
        assert process.stderr is not None
        assert b"more noise" in process.stderr.read()
        assert process.wait(timeout=5) == 0, "an engine that cannot load needs no process"


def test_progress_is_told_before_the_engine_is_ready() -> None:
    with scripted("progress(0.25); progress(0.75)") as process:
        replies = [hear(process.stdout) for _ in range(3)]
        assert replies[:2] == [Loading(progress=0.25), Loading(progress=0.75)]
        assert isinstance(replies[2], Loaded)
        assert (replies[2].status.state, replies[2].deadline) == ("ready", 3.0)
        process.kill()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("raised", "code", "cause"),
    [
        ("MemoryError()", "out_of_memory", "out_of_memory"),
        ("type('OutOfMemoryError', (RuntimeError,), {})('CUDA out of memory')",) + 2 * ("out_of_memory",),
        ("RuntimeError('DefaultCPUAllocator: can\\'t allocate memory')",) + 2 * ("out_of_memory",),
        ("RuntimeError('CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling x')",) + 2 * ("out_of_memory",),
        ("RuntimeError('CUDA error: device-side assert triggered')", "gpu_failed", "gpu_failed"),
        ("w.EngineFailed('no answer')", "engine_failed", "failed"),
        ("w.EngineFailed('no server', 'unreachable')", "engine_failed", "unreachable"),
        ("w.EngineUnavailable('gone', 'unloaded')", "engine_unavailable", "unloaded"),
        ("ZeroDivisionError('oh')", "analysis_failed", "failed"),
    ],
)
def test_what_an_engine_raises_has_a_code(raised: str, code: str, cause: str, vp8: bytes) -> None:
    with scripted(analyze=f"raise {raised}") as process:
        hear(process.stdout)
        failed = ask(process, analyze(1, vp8))
        assert isinstance(failed, Failed)
        assert (failed.code, failed.cause) == (code, cause)
        process.kill()


@pytest.mark.parametrize(
    ("raised", "code", "reason"),
    [
        ("MemoryError()", "out_of_memory", "not enough memory to load it"),
        ("ValueError('bad file')", "load_failed", "it does not load: bad file"),
        (
            "RuntimeError('CUDA error: no device\\nFor debugging ...')",
            "load_failed",
            "it does not load: CUDA error: no device",
        ),
    ],
)
def test_an_engine_that_breaks_while_loading_is_unavailable(raised: str, code: str, reason: str) -> None:
    with scripted(f"raise {raised}") as process:
        loaded = hear(process.stdout)
        assert isinstance(loaded, Loaded)
        status = loaded.status
        assert (status.state, status.code, status.reason) == ("unavailable", code, reason)


@pytest.mark.slow
def test_a_parallel_engine_answers_out_of_order(vp8: bytes) -> None:
    slow_first = (
        "import time; time.sleep(1.0 if question.session_id == 'slow' else 0); raise w.EngineFailed('x')"
    )
    with scripted(analyze=slow_first, parallel=2) as process:
        hear(process.stdout)
        for job_id, session_id in ((1, "slow"), (2, "quick")):
            say(
                process,
                Analyze(job_id=job_id, question=Question(session_id=session_id), data=vp8, start=0, end=5),
            )
        answered = [hear(process.stdout) for _ in range(2)]
        assert [reply.job_id for reply in answered if isinstance(reply, Failed)] == [2, 1]
        process.kill()


def test_a_process_without_an_engine_makes_thumbnails_and_answers_nothing_else(
    vp8: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "clip.webm"
    path.write_bytes(vp8)
    with start() as process:
        say(process, Configure(config=None))
        assert isinstance(hear(process.stdout), Loaded)
        assert isinstance(ask(process, Thumbnail(job_id=1, path=path)), Pictured)
        failed = ask(process, analyze(2, vp8))
        assert isinstance(failed, Failed)
        assert failed.code == "engine_unavailable"
        process.kill()


def test_a_file_is_answered_for_window_by_window(worker: Process, tmp_path: Path, vp8: bytes) -> None:
    path = tmp_path / "smile.webm"
    path.write_bytes(vp8)
    question = Question(session_id="file")
    first = ask(worker, NextWindow(job_id=1, question=question, path=path, first=True))
    between = ask(worker, analyze(2, vp8))
    end = ask(worker, NextWindow(job_id=3, question=question, path=path, first=False))
    assert isinstance(first, Analyzed) and isinstance(between, Analyzed) and isinstance(end, Analyzed)
    assert first.result is not None and first.result.emotion == "happy"
    assert end.result is None


def test_a_file_that_was_let_go_is_not_begun_again_in_its_middle(worker: Process, tmp_path: Path) -> None:
    failed = ask(worker, NextWindow(job_id=1, question=Question(session_id="f"), path=tmp_path, first=False))
    assert isinstance(failed, Failed)
    assert failed.code == "engine_failed"


def test_a_file_that_cannot_be_read_is_said_so(worker: Process, tmp_path: Path) -> None:
    question = Question(session_id="f")
    failed = ask(worker, NextWindow(job_id=1, question=question, path=tmp_path / "none.mp4", first=True))
    assert isinstance(failed, Failed)
    assert failed.code == "clip_unreadable"
