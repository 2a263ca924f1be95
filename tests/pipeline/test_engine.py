"""An engine's process: newest wins, and it may die without anybody noticing but in the log."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from models.base import Question
from models.catalog import EmbeddedConfig, QwenConfig
from models.jobs import Loaded
from pipeline import engine as engine_module
from pipeline.clip import Clip
from pipeline.engine import EngineProcess
from pipeline.jobs import AnalysisError
from pipeline.process import ChildProcess

FAKE = (sys.executable, "-m", "tests.pipeline.fake_worker")


def clip(data=b"", end=5.0):
    return Clip(data=data, container="webm", start=end - 5, end=end)


@asynccontextmanager
async def running(command=FAKE, **options):
    engine = EngineProcess(EmbeddedConfig(), command, **options)
    task = asyncio.create_task(engine.run())
    try:
        yield engine
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_clip_is_answered_for_its_window():
    async with running() as engine:
        result = await engine.analyze(clip(end=7.5), Question(session_id="a"))
        assert (result.window_start, result.window_end, result.engine) == (2.5, 7.5, "embedded")
        assert engine.ready


async def test_a_newer_clip_of_a_session_takes_the_place_of_the_waiting_one():
    async with running() as engine:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(engine.analyze(clip(b"slow", 1.0), Question(session_id="a")))]
            await until(lambda: engine.ready and engine.waiting == 0)
            tasks.append(group.create_task(self_or_error(engine, "a", clip(end=2.0))))
            await asyncio.sleep(0.05)
            tasks.append(group.create_task(self_or_error(engine, "b", clip(end=2.5))))
            tasks.append(group.create_task(self_or_error(engine, "a", clip(end=3.0))))
        first, replaced, other, newest = (task.result() for task in tasks)
        assert first.window_end == 1.0 and other.window_end == 2.5 and newest.window_end == 3.0
        assert isinstance(replaced, AnalysisError) and replaced.code == "superseded"


async def note(order, name, awaitable):
    await awaitable
    order.append(name)


async def self_or_error(engine, session_id, clip):
    try:
        return await engine.analyze(clip, Question(session_id=session_id))
    except AnalysisError as error:
        return error


@pytest.mark.slow
@pytest.mark.parametrize("data", [b"die", b"nonsense"])
async def test_a_process_that_dies_is_replaced_and_the_next_clip_answered(data):
    async with running() as engine:
        with pytest.raises(AnalysisError) as error:
            await engine.analyze(clip(data), Question(session_id="a"))
        assert error.value.code == "analysis_restarted"
        await until(lambda: not engine.ready)
        assert (await engine.analyze(clip(), Question(session_id="a"))).engine == "embedded"
        assert engine.restarts == 1


async def test_a_process_killed_while_idle_is_replaced():
    async with running() as engine:
        await until(lambda: engine.ready)
        pid = engine.pid
        os.kill(pid, 9)
        await until(lambda: engine.ready and engine.pid not in (pid, None))
        assert (await engine.analyze(clip(), Question(session_id="a"))).engine == "embedded"


@pytest.mark.slow
async def test_a_process_that_hangs_is_replaced_after_the_deadline():
    async with running((*FAKE, "deadline=0.3"), patience=0.2) as engine:
        started = time.monotonic()
        with pytest.raises(AnalysisError):
            await engine.analyze(clip(b"hang"), Question(session_id="a"))
        await until(lambda: not engine.ready)
        assert (await engine.analyze(clip(), Question(session_id="a"))).engine == "embedded"
        assert time.monotonic() - started < 5


async def test_a_process_that_never_gets_ready_is_said_to_be_unavailable():
    async with running((*FAKE, "never-ready")) as engine:
        await until(lambda: engine.status.state == "unavailable")
        assert "status 3" in engine.status.reason and not engine.ready


async def test_a_process_that_cannot_be_started_is_tried_again():
    async with running(("/no/such/program",)) as engine:
        await until(lambda: engine.restarts >= 1)
        assert engine.status.state == "unavailable"


async def test_a_forgotten_sessions_waiting_clip_is_not_looked_at():
    async with running() as engine, asyncio.TaskGroup() as group:
        group.create_task(engine.analyze(clip(b"slow"), Question(session_id="a")))
        await until(lambda: engine.ready and engine.waiting == 0)
        waiting = group.create_task(self_or_error(engine, "b", clip()))
        await until(lambda: engine.waiting == 1)
        engine.forget("b")
        assert (await waiting).code == "superseded"


async def test_a_failed_job_tells_its_code_and_the_process_lives_on():
    async with running() as engine:
        with pytest.raises(AnalysisError) as error:
            await engine.analyze(clip(b"unreadable"), Question(session_id="a"))
        assert error.value.code == "clip_unreadable"
        await engine.analyze(clip(), Question(session_id="a"))
        assert engine.restarts == 0


async def test_pictures_are_made_and_windows_go_first():
    async with running() as engine:
        order = []
        async with asyncio.TaskGroup() as group:
            group.create_task(engine.analyze(clip(b"slow"), Question(session_id="a")))
            await until(lambda: engine.ready and engine.waiting == 0)
            group.create_task(note(order, "picture", engine.thumbnail(Path("x"))))
            await asyncio.sleep(0.02)
            group.create_task(note(order, "window", engine.analyze(clip(), Question(session_id="b"))))
        assert order == ["window", "picture"]
        assert await engine.thumbnail(Path("x")) == b"jpeg of x"


async def test_a_session_that_ended_is_forgotten():
    async with running() as engine:
        await engine.analyze(clip(), Question(session_id="a"))
        engine.forget("a")
        assert "forgot ['a']" in (await engine.analyze(clip(), Question(session_id="b"))).description


async def test_an_owner_that_ends_while_a_process_is_being_replaced_leaves_none_behind():
    async with running((*FAKE, "deadline=0.2"), patience=0.2) as engine:
        await until(lambda: engine.ready)
        pid = engine.pid
        with pytest.raises(AnalysisError):
            await engine.analyze(clip(b"hang"), Question(session_id="a"))
        os.kill(pid, 0)  # it hangs still, and is waited for
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_the_process_ends_with_its_owner():
    async with running() as engine:
        await until(lambda: engine.ready)
        pid = engine.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_clip_that_takes_too_long_is_given_up_and_its_process_is_not():
    async with running((*FAKE, "deadline=0.2")) as engine:
        with pytest.raises(AnalysisError) as error:
            await engine.analyze(clip(b"slow"), Question(session_id="a"))
        assert error.value.code == "too_slow"
        await engine.analyze(clip(), Question(session_id="a"))
        assert engine.restarts == 0


async def test_several_clips_are_under_way_in_an_engine_that_says_so():
    async with running((*FAKE, "parallel=4")) as engine:
        await until(lambda: engine.ready)
        async with asyncio.TaskGroup() as group:
            for name in "abcd":
                group.create_task(engine.analyze(clip(b"slow"), Question(session_id=name)))
            await asyncio.sleep(0.1)
            assert engine.waiting == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("failure", "code", "reason"),
    [(b"full", "out_of_memory", "ran out of memory"), (b"gpu", "gpu_failed", "GPU failed")],
)
async def test_an_engine_without_memory_or_gpu_is_unloaded_and_loaded_again_later(
    monkeypatch, failure, code, reason
):
    monkeypatch.setattr(engine_module, "BACK_OFF", (0.0, 0.0, 0.0, 0.4, 0.4))
    async with running() as engine:
        await until(lambda: engine.ready)
        pid = engine.pid
        with pytest.raises(AnalysisError) as error:
            await engine.analyze(clip(failure), Question(session_id="a"))
        assert error.value.code == code
        await until(lambda: engine.pid is None and engine.status.state == "unavailable")
        assert reason in engine.status.reason
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        await until(lambda: engine.ready)


async def test_unloading_ends_the_process_and_loading_begins_one():
    async with running() as engine:
        await until(lambda: engine.ready)
        pid = engine.pid
        engine.unload()
        assert engine.status.state == "unavailable" and "unloaded" in engine.status.reason
        await until(lambda: engine.pid is None)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        with pytest.raises(AnalysisError) as error:
            await engine.analyze(clip(), Question(session_id="a"))
        assert error.value.code == "engine_unavailable"
        engine.load()
        engine.load()
        assert engine.status.state == "loading"
        await until(lambda: engine.ready)
        assert engine.restarts == 0


async def test_an_engine_can_be_unloaded_while_it_loads():
    async with running((*FAKE, "loads=30")) as engine:
        await until(lambda: engine.status.progress == 0.5)
        engine.unload()
        await until(lambda: engine.pid is None)
        assert engine.status.state == "unavailable"


async def test_an_engine_that_cannot_load_says_why_and_is_tried_again(monkeypatch):
    monkeypatch.setattr(engine_module, "BACK_OFF", (0.0, 0.0, 0.0, 0.1, 0.1))
    async with running((*FAKE, "unavailable")) as engine:
        await until(lambda: engine.status.reason == "no weights")
        await until(lambda: engine.restarts >= 2)


async def test_loading_at_once_cuts_the_wait_short():
    async with running((*FAKE, "unavailable")) as engine:
        await until(lambda: engine.restarts == 1)
        engine.load()
        await until(lambda: engine.restarts == 2)


async def test_an_engine_nobody_set_up_has_no_process_and_says_what_to_set():
    engine = EngineProcess(QwenConfig(), FAKE)
    task = asyncio.create_task(engine.run())
    engine.load()
    await asyncio.sleep(0.2)
    assert engine.pid is None and not engine.status.set_up
    assert "QWEN_MODEL_PATH" in engine.status.reason
    task.cancel()


async def test_a_process_that_ends_with_every_clip_is_started_ever_more_rarely(monkeypatch):
    monkeypatch.setattr(engine_module, "BACK_OFF", (0.0, 0.0, 0.3, 30.0))
    async with running() as engine:
        for _ in range(3):
            await until(lambda: engine.ready)
            with pytest.raises(AnalysisError):
                await engine.analyze(clip(b"die"), Question(session_id="a"))
            await until(lambda: not engine.ready)
        await asyncio.sleep(0.5)
        assert engine.pid is None


async def test_live_clips_go_before_the_windows_of_files(tmp_path):
    async with running() as engine:
        order = []
        async with asyncio.TaskGroup() as group:
            group.create_task(engine.analyze(clip(b"slow"), Question(session_id="a")))
            await until(lambda: engine.ready and engine.waiting == 0)
            window = engine.window(tmp_path / "x", Question(session_id="f"), first=True)
            group.create_task(note(order, "file", window))
            await asyncio.sleep(0.02)
            group.create_task(note(order, "live", engine.analyze(clip(), Question(session_id="b"))))
        assert order == ["live", "file"]


async def test_too_many_files_at_a_time_are_turned_away(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.jobs.MOST_FILE_WINDOWS", 0)
    async with running() as engine:
        with pytest.raises(AnalysisError) as error:
            await engine.window(tmp_path, Question(session_id="f"), first=True)
        assert error.value.code == "busy"


async def test_those_who_wait_behind_one_that_is_too_slow_wait_no_longer():
    async with running((*FAKE, "deadline=0.3")) as engine:
        await until(lambda: engine.ready)
        first = asyncio.create_task(self_or_error(engine, "a", clip(b"very slow")))
        await asyncio.sleep(0.1)
        started = time.monotonic()
        assert (await self_or_error(engine, "b", clip())).code == "too_slow"
        assert time.monotonic() - started < 0.5
        assert (await first).code == "too_slow"


async def test_one_clip_of_a_session_runs_and_one_waits_also_where_several_could():
    async with running((*FAKE, "parallel=4")) as engine:
        await until(lambda: engine.ready)
        tasks = []
        for end in (1.0, 2.0, 3.0):
            tasks.append(asyncio.create_task(self_or_error(engine, "a", clip(b"slow", end))))
            await asyncio.sleep(0.02)
        first, replaced, newest = [await task for task in tasks]
        assert (first.window_end, replaced.code, newest.window_end) == (1.0, "superseded", 3.0)


@pytest.mark.slow
async def test_a_process_that_hangs_while_it_is_written_to_is_replaced():
    async with running((*FAKE, "deadline=0.3"), patience=0.3) as engine:
        await until(lambda: engine.ready)
        pid = engine.pid
        os.kill(pid, signal.SIGSTOP)
        assert (await self_or_error(engine, "a", clip(bytes(4_000_000)))).code == "too_slow"
        await until(lambda: engine.ready and engine.pid != pid)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_unloading_as_it_gets_ready_leaves_it_unloaded_and_able_to_load(monkeypatch):
    read = ChildProcess.read

    async def read_and_unload(process):
        reply = await read(process)
        if isinstance(reply, Loaded):
            engine.unload()
        return reply

    monkeypatch.setattr(ChildProcess, "read", read_and_unload)
    async with running() as engine:
        await until(lambda: engine.pid is not None)
        await until(lambda: engine.pid is None)
        monkeypatch.undo()
        assert engine.status.state == "unavailable" and "unloaded" in engine.status.reason
        engine.load()
        await until(lambda: engine.ready)


async def test_nothing_waits_for_an_engine_that_is_unloaded():
    async with running((*FAKE, "loads=30")) as engine:
        task = asyncio.create_task(self_or_error(engine, "a", clip()))
        await until(lambda: engine.waiting == 1)
        engine.unload()
        assert (await task).code == "engine_unavailable"


async def test_a_file_under_way_is_not_turned_away_halfway(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.jobs.MOST_FILE_WINDOWS", 1)
    async with running() as engine:
        question = Question(session_id="f")
        await engine.window(tmp_path, question, first=True)
        live = asyncio.create_task(engine.analyze(clip(b"slow"), Question(session_id="a")))
        await asyncio.sleep(0.05)
        newcomer = asyncio.create_task(engine.window(tmp_path, Question(session_id="g"), first=True))
        await asyncio.sleep(0.05)
        assert (await engine.window(tmp_path, question, first=False)).window_start == 5.0
        await asyncio.gather(live, newcomer)
