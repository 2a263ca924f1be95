"""A caller who joins and leaves every second, for a minute or ten (`COMING_AND_GOING`, seconds): what the server holds
does not grow. `-s` prints what it held."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import threading
from functools import partial

import psutil
import pytest

from tests.server import serving
from web.app import make_app
from web.limits import Limits

SECONDS = int(os.environ.get("COMING_AND_GOING", "60"))
WARM = min(SECONDS // 3, 90)
"""Seconds until the server's own threads, pools and caches are as large as they get; memory is after 70."""

MOST_MEMORY = 10 if SECONDS >= 240 else 40
"""MB: in a minute it still warms up, and a megabyte for each caller shows."""

COUNTED = ("tasks", "threads", "files")


def growth(values):
    """By how much a series has grown from its first third to its last: of their medians, which calls that come and go
    meanwhile leave as they are."""
    third = len(values) // 3
    return statistics.median(values[-third:]) - statistics.median(values[:third])


def held(processes):
    """What the server holds, threads beside its own pool, which is bounded, and what it and its processes have in
    memory, in MB."""
    own = psutil.Process()
    return {
        "tasks": len(asyncio.all_tasks()),
        "threads": sum(not thread.name.startswith("work_") for thread in threading.enumerate()),
        "files": own.num_fds(),
        "memory": sum(each.memory_info().rss for each in processes) / 1e6,
    }


def test_what_grows_by_one_for_each_caller_is_seen():
    assert growth([20 + second % 3 for second in range(40)]) == 0
    assert growth([20 + second % 3 + second for second in range(40)]) > 20


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 120)
async def test_what_the_server_holds_is_flat_while_a_caller_comes_and_goes_every_second(
    tmp_path, monkeypatch
):
    # All of them from one address.
    monkeypatch.setattr("server.make_app", partial(make_app, limits=Limits(offers=None)))
    async with serving(tmp_path, emotion_engines="embedded", session_grace=60.0) as server:
        await server.until(lambda status: status["analysis"]["engines"][0]["state"] == "ready", within=60)
        processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
        comers = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "tests.faults.comers", server.url, str(SECONDS)],
            stdout=asyncio.subprocess.PIPE,
        )
        waiting, samples = asyncio.create_task(comers.communicate()), []
        while not waiting.done():
            await asyncio.wait([waiting], timeout=1)
            samples.append(held(processes))
        assert comers.returncode == 0 and int((await waiting)[0]) == SECONDS
        await server.until(lambda status: status["sessions"] == [])
    kept = list((tmp_path / "recordings").iterdir())
    series = {name: [sample[name] for sample in samples[WARM:]] for name in samples[0]}
    for name, values in series.items():
        print(f"{name}: from {min(values):.0f} to {max(values):.0f}, grown by {growth(values):.1f}")
    assert len(kept) > 0.9 * SECONDS
    assert len(series["tasks"]) >= SECONDS - WARM - 2
    for name in COUNTED:
        assert growth(series[name]) <= 2, (name, series[name])
    assert growth(series["memory"]) < MOST_MEMORY, series["memory"]
