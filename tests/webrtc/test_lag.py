"""The loop's lag: what holds it up is measured."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from webrtc.lag import LoopLag


async def test_what_holds_the_loop_up_is_the_worst_and_not_the_usual():
    lag = LoopLag()
    assert (lag.worst_ms, lag.p99_ms) == (0.0, 0.0)
    task = asyncio.create_task(lag.run())
    await asyncio.sleep(0.2)
    time.sleep(0.2)  # noqa: ASYNC251 (that is what is measured)
    await asyncio.sleep(0.2)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert 40 < lag.worst_ms < 500


def test_one_sample_in_two_hundred_does_not_move_what_99_of_100_keep_to():
    lag = LoopLag()
    lag._samples.extend([1.0] * 199 + [100.0])
    assert (lag.worst_ms, lag.p99_ms) == (100.0, 1.0)
