"""The analysis process: newest wins, and it may die without anybody noticing but in the log."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import asynccontextmanager, suppress

import pytest

from pipeline.analysis import Analysis, AnalysisError
from pipeline.clip import Clip

FAKE = (sys.executable, "-m", "tests.pipeline.fake_worker")


def clip(data=b"", end=5.0):
    return Clip(data=data, container="webm", start=end - 5, end=end)


@asynccontextmanager
async def running(command=FAKE, **options):
    analysis = Analysis(command, **options)
    task = asyncio.create_task(analysis.run())
    try:
        yield analysis
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_clip_is_answered_for_its_window():
    async with running() as analysis:
        result = await analysis.analyze("a", clip(end=7.5))
        assert (result.window_start, result.window_end, result.engine) == (2.5, 7.5, "fake")
        assert analysis.ready


async def test_a_newer_clip_of_a_session_takes_the_place_of_the_waiting_one():
    async with running() as analysis:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(analysis.analyze("a", clip(b"slow", 1.0)))]
            await until(lambda: analysis.ready and analysis.waiting == 0)
            tasks.append(group.create_task(self_or_error(analysis, "a", clip(end=2.0))))
            await asyncio.sleep(0.05)
            tasks.append(group.create_task(self_or_error(analysis, "b", clip(end=2.5))))
            tasks.append(group.create_task(self_or_error(analysis, "a", clip(end=3.0))))
        first, replaced, other, newest = (task.result() for task in tasks)
        assert first.window_end == 1.0 and other.window_end == 2.5 and newest.window_end == 3.0
        assert isinstance(replaced, AnalysisError) and replaced.code == "superseded"


async def self_or_error(analysis, session_id, clip):
    try:
        return await analysis.analyze(session_id, clip)
    except AnalysisError as error:
        return error


@pytest.mark.parametrize("data", [b"die", b"nonsense"])
async def test_a_process_that_dies_is_replaced_and_the_next_clip_answered(data):
    async with running() as analysis:
        with pytest.raises(AnalysisError) as error:
            await analysis.analyze("a", clip(data))
        assert error.value.code == "analysis_restarted"
        assert (await analysis.analyze("a", clip())).engine == "fake"
        assert analysis.restarts == 1


async def test_a_process_killed_while_idle_is_replaced():
    async with running() as analysis:
        await until(lambda: analysis.ready)
        pid = analysis.pid
        os.kill(pid, 9)
        await until(lambda: analysis.ready and analysis.pid not in (pid, None))
        assert (await analysis.analyze("a", clip())).engine == "fake"


async def test_a_process_that_hangs_is_replaced_after_the_deadline():
    async with running(deadline=0.3) as analysis:
        started = time.monotonic()
        with pytest.raises(AnalysisError):
            await analysis.analyze("a", clip(b"hang"))
        assert (await analysis.analyze("a", clip())).engine == "fake"
        assert time.monotonic() - started < 5


async def test_a_process_that_never_gets_ready_is_said_to_be_unavailable():
    async with running((*FAKE, "never-ready")) as analysis:
        await until(lambda: analysis.engines[0].state == "unavailable")
        assert "log" in analysis.engines[0].reason and not analysis.ready


async def test_a_process_that_cannot_be_started_is_tried_again():
    async with running(("/no/such/program",)) as analysis:
        await until(lambda: analysis.restarts >= 1)
        assert analysis.engines[0].state == "unavailable"


async def test_a_forgotten_sessions_waiting_clip_is_not_looked_at():
    async with running() as analysis, asyncio.TaskGroup() as group:
        group.create_task(analysis.analyze("a", clip(b"slow")))
        await until(lambda: analysis.ready and analysis.waiting == 0)
        waiting = group.create_task(self_or_error(analysis, "b", clip()))
        await until(lambda: analysis.waiting == 1)
        analysis.forget("b")
        assert (await waiting).code == "superseded"


async def test_a_failed_job_tells_its_code_and_the_process_lives_on():
    async with running() as analysis:
        with pytest.raises(AnalysisError) as error:
            await analysis.analyze("a", clip(b"unreadable"))
        assert error.value.code == "clip_unreadable"
        await analysis.analyze("a", clip())
        assert analysis.restarts == 0


async def test_pictures_are_made_and_windows_go_first():
    async with running() as analysis:
        order = []

        async def note(name, awaitable):
            await awaitable
            order.append(name)

        async with asyncio.TaskGroup() as group:
            group.create_task(analysis.analyze("a", clip(b"slow")))
            await until(lambda: analysis.ready and analysis.waiting == 0)
            group.create_task(note("picture", analysis.thumbnail(clip(b"x"))))
            await asyncio.sleep(0.02)
            group.create_task(note("window", analysis.analyze("b", clip())))
        assert order == ["window", "picture"]
        assert await analysis.thumbnail(clip(b"x")) == b"jpeg of x"


async def test_a_session_that_ended_is_forgotten():
    async with running() as analysis:
        await analysis.analyze("a", clip())
        analysis.forget("a")
        assert "forgot ['a']" in (await analysis.analyze("b", clip())).description


async def test_an_owner_that_ends_while_a_process_is_being_replaced_leaves_none_behind():
    async with running(deadline=0.2) as analysis:
        await until(lambda: analysis.ready)
        pid = analysis.pid
        with pytest.raises(AnalysisError):
            await analysis.analyze("a", clip(b"hang"))
        os.kill(pid, 0)  # it hangs still, and is waited for
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_the_process_ends_with_its_owner():
    async with running() as analysis:
        await until(lambda: analysis.ready)
        pid = analysis.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
