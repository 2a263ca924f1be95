"""The wall clock is stepped in the middle of a call: what is measured goes on, and what is dated has the new date."""

from __future__ import annotations

import asyncio
import time

import pytest

from bench.caller import Caller, Source
from bench.media import material
from tests.server import serving

HOUR = 3600.0

NO_STEP = 10_000
"""Milliseconds, as long as anything is waited for here: a busy machine is later than usual, a step is hours."""


class Wall:
    """The wall clock of this process, which can be set."""

    def __init__(self, monkeypatch):
        self._real, self._ahead = time.time, 0.0
        monkeypatch.setattr(time, "time", lambda: self._real() + self._ahead)

    def step(self, seconds):
        self._ahead += seconds


async def more(caller, kind):
    """Wait for two more messages of a kind."""
    enough = len(caller.heard(kind)) + 2
    async with asyncio.timeout(10):
        while len(caller.heard(kind)) < enough:
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_labels_clips_and_the_call_go_on_when_the_wall_clock_is_stepped(tmp_path, monkeypatch):
    wall = Wall(monkeypatch)
    consent = {"analysis": True, "recording": True}
    async with serving(tmp_path, save_interval=0.5) as server:
        caller = Caller(server.url, Source.read(material("vp8", (320, 240))), consent=consent)
        await caller.connect()
        caller.say("start_recording")
        for step in (HOUR, -2 * HOUR, HOUR):
            await more(caller, "clip_saved")
            await more(caller, "emotion_result")
            wall.step(step)
        await more(caller, "clip_saved")
        await more(caller, "emotion_result")
        caller.say("stop_recording")
        (session,) = (await server.status())["sessions"]
        assert session["state"] == "connected"
        labels, clips = caller.heard("emotion_result"), caller.heard("clip_saved")
        ends = [label["window_end"] for label in labels]
        assert ends == sorted(ends) and ends[-1] < 60, "windows are on the session's clock"
        assert all(0 < label["latency"]["total"] < NO_STEP for label in labels)
        names = {clip["video_name"] for clip in clips}
        assert len(names) == len(clips), "none took another's name"
        assert names <= {path.name for path in server.videos}
        assert max(each[1] for each in caller.round_trips) < NO_STEP
        await caller.close()
