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
EVERY = 0.31
"""Seconds between samples, which fall out of step with who comes every second."""

BLOCK = 10
"""Samples of which the least is taken."""

WARM = min(SECONDS // 3, 90)
"""Seconds until the server's own threads, pools and caches are as large as they get; memory is after 70."""

MOST_MEMORY = 10 if SECONDS >= 240 else 40
"""MB: in a minute it still warms up, and a megabyte for each caller shows."""

COUNTED = ("tasks", "threads", "files")


def lows(values):
    """The least of each few seconds: what is held while the fewest call, however the samples fall among those who come
    and go."""
    return [min(values[at : at + BLOCK]) for at in range(0, len(values) - BLOCK + 1, BLOCK)]


def growth(values):
    """By how much the lows of a series have grown from its first third to its last, by their medians."""
    least = lows(values)
    third = len(least) // 3
    return statistics.median(least[-third:]) - statistics.median(least[:third])


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


def test_what_grows_by_one_for_each_caller_is_seen_and_who_comes_and_goes_is_not():
    assert growth([20 + 15 * (sample % 3 > 0) for sample in range(120)]) == 0
    drifting = [20 + 15 * (sample * 0.31 % 1 > 0.5) for sample in range(120)]
    assert growth(drifting) == 0
    assert growth([each + sample // 3 for sample, each in enumerate(drifting)]) > 20


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
            await asyncio.wait([waiting], timeout=EVERY)
            samples.append(held(processes))
        assert comers.returncode == 0 and int((await waiting)[0]) == SECONDS
        await server.until(lambda status: status["sessions"] == [])
    kept = list((tmp_path / "recordings").iterdir())
    series = {name: [sample[name] for sample in samples[int(WARM / EVERY) :]] for name in samples[0]}
    for name, values in series.items():
        print(
            f"{name}: from {min(values):.0f} to {max(values):.0f}, grown by {growth(values):.1f}:",
            *(round(low, 1) for low in lows(values)[::5]),
        )
    assert len(kept) > 0.9 * SECONDS
    assert len(lows(series["tasks"])) >= 9
    for name in COUNTED:
        assert growth(series[name]) <= 2, (name, series[name])
    assert growth(series["memory"]) < MOST_MEMORY, series["memory"]
