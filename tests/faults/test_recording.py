"""A recorded call when the server is killed or the disk is full: what was written plays, and the call goes on."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import time

import av
import pytest

from bench.caller import Caller, Source
from bench.media import material
from pipeline.library import moment_of
from tests.faults.test_kill import kill, program, read
from tests.server import serving

KILLS = int(os.environ.get("RECORDING_KILLS", "3"))
MOST_LOST = 1.1
"""Seconds that a kill may cost."""

NO_ENGINES = {"EMOTION_ENGINES": "embedded"}
CONSENT = {"analysis": False, "recording": True}


def played(path):
    """The seconds of picture and of sound that can be decoded."""
    ends = {"video": 0.0, "audio": 0.0}
    with av.open(str(path)) as file:
        for packet in file.demux():
            for frame in packet.decode():
                ends[packet.stream.type] = max(ends[packet.stream.type], frame.time)
    return ends


def complaints(path):
    command = [
        "ffprobe",
        "-v",
        "error",
        "-count_frames",
        "-show_entries",
        "format=duration",
        "-of",
        "csv=p=0",
        path,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(KILLS))
async def test_a_kill_costs_the_last_second_and_the_rest_plays(tmp_path, seed):
    codec = ("vp8", "h264")[seed % 2]
    source, chance = Source.read(material(codec, (320, 240))), random.Random(seed)
    with program(tmp_path, **NO_ENGINES) as (process, url):
        caller = Caller(url, source, consent=CONSENT)
        await caller.connect()
        caller.say("start_recording")
        async with asyncio.timeout(20):
            while not list((tmp_path / "recordings").glob("*.part")):
                await asyncio.sleep(0.05)
        await asyncio.sleep(chance.uniform(1.5, 4.0))
        kill(process, everything=seed % 3 == 0)
        killed = time.time()
        await caller.close()
    (part,) = (tmp_path / "recordings").glob("*.part")
    name = part.name.removesuffix(".part")
    elapsed = killed - moment_of(name)
    assert complaints(part) == ""
    assert min(played(part).values()) > elapsed - MOST_LOST
    with program(tmp_path, **NO_ENGINES) as (_, url):
        async with asyncio.timeout(30):
            while not (listed := await asyncio.to_thread(read, f"{url}/api/recordings"))["count"]:
                await asyncio.sleep(0.1)
    assert [each["name"] for each in listed["recordings"]] == [name]
    finished = tmp_path / "recordings" / name
    assert complaints(finished) == "" and not part.exists()
    assert min(played(finished).values()) > elapsed - MOST_LOST


@pytest.fixture
def small_disk(tmp_path):
    """A disk of two megabytes for recordings alone."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
async def test_a_full_disk_costs_the_rest_of_the_recording_and_not_the_call(tmp_path, small_disk):
    async with serving(tmp_path, disk_floor=1.0) as server:
        caller = Caller(server.url, Source.read(material("vp8", (320, 240))), consent=CONSENT)
        await caller.connect()
        caller.say("start_recording")
        notice = await caller.hear("notice", within=30)
        assert notice["code"] == "disk_full"
        clips = len(caller.heard("clip_saved"))
        await asyncio.sleep(2.5)
        assert len(caller.heard("clip_saved")) > clips  # they are on another disk
        caller.say("stop_recording")
        await caller.hear("session_status", recording=False)
        async with asyncio.timeout(20):
            while [path for path in small_disk.iterdir() if path.suffix == ".part"]:
                await asyncio.sleep(0.1)
        await caller.close()
    (kept,) = sorted(small_disk.iterdir())[:1]
    assert complaints(kept) == "" and min(played(kept).values()) > 4
