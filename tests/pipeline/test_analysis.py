"""The chain: the instant engine speaks at once, the first that can speaks last, and says why it was not another."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from models.base import Question
from models.catalog import EmbeddedConfig, LdduConfig, QwenConfig, RemoteConfig
from pipeline import breaker
from pipeline.analysis import Analysis
from pipeline.clip import Clip
from pipeline.jobs import AnalysisError

FAKE = (sys.executable, "-m", "tests.pipeline.fake_worker")
QWEN = QwenConfig(path=Path("weights"))
REMOTE = RemoteConfig(base_url="http://gpu.lan:8000/v1")
CHAIN = (LdduConfig(), QWEN, REMOTE, EmbeddedConfig())


def clip(data=b"", end=5.0):
    return Clip(data=data, container="webm", start=end - 5, end=end)


@asynccontextmanager
async def running(chain=CHAIN, *arguments, ready=("qwen", "remote", "embedded"), **options):
    analysis = Analysis(chain, command=(*FAKE, *arguments), **options)
    task = asyncio.create_task(analysis.run())
    try:
        await until(lambda: all(analysis.engine(name).ready for name in ready))
        yield analysis
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition):
    async with asyncio.timeout(8):
        while not condition():
            await asyncio.sleep(0.01)


TOLD = ("gpu.lan",)


async def answers(analysis, data=b"", session_id="a", language="en", told=TOLD):
    """Each answer's (engine, provisional, fallback_reason)."""
    return [
        (result.engine, result.provisional, result.fallback_reason)
        async for result in analysis.analyze(session_id, clip(data), language, told)
    ]


async def test_the_instant_engine_speaks_first_and_the_first_that_can_last():
    async with running() as analysis:
        assert await answers(analysis) == [
            ("embedded", True, None),
            ("qwen", False, "lddu: not set up"),
        ]


async def test_without_the_instant_word_the_first_that_can_speaks_alone():
    async with running(instant=False) as analysis:
        assert await answers(analysis) == [("qwen", False, "lddu: not set up")]


async def test_alone_the_embedded_engine_is_not_provisional():
    async with running((LdduConfig(), EmbeddedConfig()), ready=("embedded",)) as analysis:
        assert await answers(analysis) == [("embedded", False, "lddu: not set up")]


async def test_an_engine_that_goes_before_the_others_is_not_followed():
    async with running((EmbeddedConfig(), QWEN), ready=("embedded", "qwen")) as analysis:
        assert await answers(analysis) == [("embedded", False, None)]


async def test_one_that_fails_is_passed_over_for_the_same_window():
    async with running() as analysis:
        (first, last) = await answers(analysis, b"fail@qwen")
        assert first == ("embedded", True, None)
        assert last == ("remote", False, "lddu: not set up; qwen: no answer")


@pytest.mark.parametrize("told", [(), ("other.lan",)])
async def test_an_engine_whose_host_was_not_told_of_is_not_asked_ready_or_not(told):
    async with running((REMOTE, EmbeddedConfig()), ready=("remote", "embedded")) as analysis:
        assert await answers(analysis, told=told) == [("embedded", False, None)]
        assert await answers(analysis, b"fail@embedded", told=TOLD) == [("remote", False, None)]
        assert (analysis.engine("remote").answered, analysis.ready_for(told)) == (1, True)


async def test_where_only_such_an_engine_is_there_nothing_is_sent():
    async with running((REMOTE,), ready=("remote",)) as analysis:
        with pytest.raises(AnalysisError):
            await answers(analysis, told=())
        assert (analysis.ready_for(()), analysis.ready_for(TOLD)) == (False, True)


async def test_when_all_fail_the_first_word_stands():
    async with running((QWEN, EmbeddedConfig()), ready=("qwen", "embedded")) as analysis:
        assert await answers(analysis, b"fail@qwen") == [
            ("embedded", True, None),
            ("embedded", False, "qwen: no answer"),
        ]


async def test_one_that_is_too_slow_is_passed_over():
    async with running(CHAIN, "qwen:deadline=0.2") as analysis:
        _, last = await answers(analysis, b"slow@qwen")
        assert last == ("remote", False, "lddu: not set up; qwen: it did not answer within 0.2 s")


@pytest.mark.parametrize(
    ("chain", "options", "data", "codes"),
    [
        (CHAIN, (), b"fail@qwen", {"lddu": "not_set_up", "qwen": "failed"}),
        (CHAIN, (), b"full@qwen", {"lddu": "not_set_up", "qwen": "out_of_memory"}),
        (CHAIN, (), b"die@qwen", {"lddu": "not_set_up", "qwen": "crashed"}),
        (CHAIN, ("qwen:deadline=0.2",), b"slow@qwen", {"lddu": "not_set_up", "qwen": "too_slow"}),
    ],
    ids=lambda each: each.decode() if isinstance(each, bytes) else None,
)
async def test_why_each_was_passed_over_has_a_code(chain, options, data, codes):
    async with running(chain, *options) as analysis:
        *_, last = [result async for result in analysis.analyze("a", clip(data), told=TOLD)]
        assert (last.engine, last.fallback_codes) == ("remote", codes)


async def test_one_that_cannot_load_or_loads_has_a_code():
    async with running(CHAIN, "qwen:loads=30", "remote:unavailable", ready=("embedded",)) as analysis:
        await until(lambda: analysis.engine("remote").status.state == "unavailable")
        *_, last = [result async for result in analysis.analyze("a", clip(), told=TOLD)]
        assert last.fallback_codes == {"lddu": "not_set_up", "qwen": "loading", "remote": "no_weights"}
        assert [each.code for each in analysis.engines] == ["not_set_up", None, "no_weights", None]


async def test_one_that_fails_clip_after_clip_is_not_asked_for_a_while_and_then_again(monkeypatch):
    monkeypatch.setattr(breaker, "FIRST_WAIT", 0.3)
    async with running() as analysis:
        for _ in range(breaker.CLIPS):
            await answers(analysis, b"fail@qwen")
        asked = analysis.engine("qwen").answered
        failing = analysis.engines[1]
        assert (failing.state, failing.code, failing.reason) == ("ready", "failed", "no answer")
        assert (await answers(analysis))[-1][0] == "remote"
        assert analysis.engine("qwen").answered == asked
        await asyncio.sleep(0.35)
        assert (await answers(analysis))[-1] == ("qwen", False, "lddu: not set up")
        assert analysis.engines[1].reason is None


async def test_one_callers_clips_do_not_shut_an_engine_for_the_others():
    async with running() as analysis:
        for _ in range(2 * breaker.CLIPS):
            assert (await answers(analysis, b"fail@qwen", "bad"))[-1][0] == "remote"
            assert (await answers(analysis, b"", "good"))[-1][0] == "qwen"


async def test_one_that_is_too_slow_is_not_asked_for_a_while():
    async with running(CHAIN, "qwen:deadline=0.2") as analysis:
        await answers(analysis, b"slow@qwen")
        await asyncio.sleep(0.2)
        assert (await answers(analysis))[-1] == (
            "remote", False, "lddu: not set up; qwen: it did not answer within 0.2 s"
        )  # fmt: skip


@pytest.mark.slow
async def test_a_clip_that_decides_nothing_leaves_the_trial_to_the_next(monkeypatch):
    monkeypatch.setattr(breaker, "FIRST_WAIT", 0.1)
    async with running(CHAIN, instant=False) as analysis:
        for _ in range(breaker.CLIPS):
            await answers(analysis, b"fail@qwen")
        await asyncio.sleep(0.15)
        with pytest.raises(AnalysisError):
            await answers(analysis, b"unreadable@qwen")
        assert (await answers(analysis))[-1][0] == "qwen"
        for _ in range(breaker.CLIPS):
            await answers(analysis, b"fail@qwen")
        await asyncio.sleep(0.15)
        trial = asyncio.create_task(answers(analysis, b"very slow@qwen"))
        await asyncio.sleep(0.1)
        trial.cancel()
        with suppress(asyncio.CancelledError):
            await trial
        assert (await answers(analysis))[-1][0] == "qwen"


async def test_unloading_is_not_held_against_an_engine():
    async with running() as analysis:
        task = asyncio.create_task(answers(analysis, b"slow@qwen"))
        await asyncio.sleep(0.1)
        analysis.engine("qwen").unload()
        assert "qwen: unloaded" in (await task)[-1][2]
        analysis.engine("qwen").load()
        await until(lambda: analysis.engine("qwen").ready)
        assert analysis.engines[1].reason is None
        assert (await answers(analysis))[-1][0] == "qwen"


async def test_one_that_dies_is_passed_over_and_the_others_do_not_notice():
    async with running() as analysis:
        pids = [analysis.engine(name).pid for name in ("remote", "embedded")]
        _, last = await answers(analysis, b"die@qwen")
        assert last[0] == "remote" and "qwen: the analysis process was replaced" in last[2]
        assert [analysis.engine(name).pid for name in ("remote", "embedded")] == pids


async def test_one_without_memory_is_unloaded_and_passed_over():
    async with running() as analysis:
        _, last = await answers(analysis, b"full@qwen")
        assert last == ("remote", False, "lddu: not set up; qwen: there was not enough memory")
        await until(lambda: analysis.engine("qwen").pid is None)
        assert "ran out of memory" in analysis.engine("qwen").status.reason


async def test_loading_holds_nothing_up():
    async with running(CHAIN, "qwen:loads=30", "remote:unavailable", ready=("embedded",)) as analysis:
        await until(lambda: analysis.engine("qwen").status.progress == 0.5)
        await until(lambda: analysis.engine("remote").status.state == "unavailable")
        (only,) = await answers(analysis)
        assert only[:2] == ("embedded", False)
        assert "qwen: loading" in only[2] and "remote: no weights" in only[2]


async def test_a_clip_nobody_could_read_is_not_held_against_an_engine():
    async with running((QWEN, EmbeddedConfig()), ready=("qwen", "embedded"), instant=False) as analysis:
        with pytest.raises(AnalysisError) as error:
            await answers(analysis, b"unreadable")
        assert error.value.code == "clip_unreadable"
        assert await answers(analysis) == [("qwen", False, None)]


@pytest.mark.slow
async def test_a_newer_window_takes_the_turn_of_one_that_waits_for_the_better_engine():
    async with running((QWEN, EmbeddedConfig()), ready=("qwen", "embedded")) as analysis:
        results = []

        async def ask(end):
            with suppress(AnalysisError):
                async for result in analysis.analyze("a", clip(b"very slow@qwen", end), told=TOLD):
                    results.append((result.window_end, result.engine))

        async with asyncio.TaskGroup() as group:
            for end in (1.0, 2.0, 3.0):
                group.create_task(ask(end))
                await asyncio.sleep(0.2)
        assert [end for end, engine in results if engine == "embedded"] == [1.0, 2.0, 3.0]
        assert [end for end, engine in results if engine == "qwen"] == [1.0, 3.0]


async def test_the_voices_arousal_is_kept_where_the_better_engine_has_none():
    async with running() as analysis:
        results = [result async for result in analysis.analyze("a", clip(), told=TOLD)]
        assert [result.arousal for result in results] == [0.5, 0.5]


async def test_the_language_reaches_every_engine():
    async with running() as analysis:
        results = [result async for result in analysis.analyze("a", clip(), "zh", TOLD)]
        assert all(result.description.endswith("zh") for result in results)


async def test_with_no_engine_the_reasons_are_told():
    async with running((LdduConfig(), QwenConfig()), ready=()) as analysis:
        with pytest.raises(AnalysisError) as error:
            await answers(analysis)
        assert (error.value.code, str(error.value)) == (
            "engine_unavailable",
            "lddu: not set up; qwen: not set up",
        )
        assert not analysis.ready


async def test_pictures_are_made_without_the_embedded_engine():
    async with running((QwenConfig(),), ready=()) as analysis:
        assert await analysis.thumbnail(Path("x")) == b"jpeg of x"


async def test_pictures_are_made_while_the_embedded_engine_is_unloaded():
    async with running() as analysis:
        analysis.engine("embedded").unload()
        assert await analysis.thumbnail(Path("x")) == b"jpeg of x"


async def test_a_file_is_answered_for_by_one_engine_throughout(tmp_path):
    async with running() as analysis:
        results = await analysis.analyze_file(tmp_path / "x", prompt="why?")
        assert [(each.engine, each.window_start, each.description) for each in results] == [
            ("qwen", 0.0, "why?"), ("qwen", 5.0, "why?"), ("qwen", 10.0, "why?")
        ]  # fmt: skip


async def test_a_file_is_begun_anew_by_the_next_engine(tmp_path):
    async with running() as analysis:
        results = await analysis.analyze_file(tmp_path / "fails@qwen")
        assert [each.engine for each in results] == ["remote"] * 3
        assert (
            "forgot ['file "
            in (await analysis.engine("remote").analyze(clip(), Question(session_id="a"))).description
        )
        assert results[0].fallback_reason == "lddu: not set up; qwen: no answer"


async def test_an_engine_that_is_named_is_asked_alone(tmp_path):
    async with running() as analysis:
        assert (await analysis.analyze_file(tmp_path / "x", engine="embedded"))[0].engine == "embedded"
        with pytest.raises(AnalysisError) as error:
            await analysis.analyze_file(tmp_path / "x", engine="lddu")
        assert (error.value.code, str(error.value)) == ("engine_unavailable", "lddu: not set up")


@pytest.mark.slow
async def test_a_long_file_holds_up_no_caller(tmp_path):
    async with running((EmbeddedConfig(),), ready=("embedded",)) as analysis:
        reading = asyncio.create_task(analysis.analyze_file(tmp_path / "slow"))
        await until(lambda: analysis._files.pid is not None and analysis._files.ready)
        started = asyncio.get_running_loop().time()
        assert (await answers(analysis))[-1][0] == "embedded"
        assert asyncio.get_running_loop().time() - started < 0.5
        assert len(await reading) == 3


async def test_a_first_word_that_does_not_come_at_once_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("pipeline.analysis.AT_ONCE", 0.1)
    async with running() as analysis:
        assert [each[:2] for each in await answers(analysis, b"very slow@embedded")] == [("qwen", False)]


async def test_files_that_wait_are_told_when_the_server_stops(tmp_path):
    async with running() as analysis:
        waiting = [asyncio.create_task(analysis.analyze_file(tmp_path / "slow")) for _ in range(3)]
        await asyncio.sleep(0.2)
    async with asyncio.timeout(1):
        for task in waiting:
            with pytest.raises(AnalysisError, match="the server is stopping"):
                await task
