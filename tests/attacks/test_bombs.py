"""Media bombs: what claims more than it holds is refused in little memory, and what names other files opens none."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from bench.caller import Caller, Source
from bench.media import material
from tests import media
from tests.attacks import bombs
from tests.server import serving

ROOT = Path(__file__).parent.parent.parent
MOST_MB = 400
"""Of a process that imports PyAV and numpy, which alone is 60."""


class Canary:
    """An address on this machine and a file outside every folder: neither must be asked for."""

    def __init__(self, path, url):
        self.path, self.url, self.asked = path, url, 0

    def untouched(self):
        return self.asked == 0 and self.path.stat().st_atime_ns == self.path.stat().st_mtime_ns


@pytest.fixture
async def canary(tmp_path):
    path = tmp_path / "canary" / "canary.webm"
    path.parent.mkdir()
    path.write_bytes(media.encode_clip(media.astronaut_frames(5, (64, 48), face=20), 5, "vp8"))
    os.utime(path, (10**9, 10**9))

    async def asked(reader, writer):
        canary.asked += 1
        writer.close()

    server = await asyncio.start_server(asked, "127.0.0.1", 0)
    canary = Canary(path, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    yield canary
    server.close()


def put(folder, files):
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def every_way(folder):
    """What the server's other processes make of the files: (file, way) → what was said, and the most memory."""
    command = [sys.executable, "-m", "tests.attacks.bombs", str(folder)]
    child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert child.returncode == 0, child.stderr
    rows = [json.loads(line) for line in child.stdout.splitlines()]
    return {(row["file"], row["way"]): row["said"] for row in rows}, rows[-1]["peak_mb"]


def test_pictures_that_are_too_large_are_not_decoded(tmp_path):
    said, peak = every_way(put(tmp_path / "files", bombs.too_large()))
    assert len(said) == 15
    assert all(each.startswith("unreadable: ") for each in said.values()), said
    assert "too large: 8192 by 8192" in said["h264-8192.mp4", "thumbnail"]
    assert peak < MOST_MB


@pytest.mark.slow
def test_lengths_counts_and_times_that_lie_cost_little_memory(tmp_path):
    said, peak = every_way(put(tmp_path / "files", bombs.lies()))
    assert said["day.wav", "decode"] == "1 windows", "a second of it is there"
    assert said["duration.webm", "decode"] == "1 windows"
    assert peak < MOST_MB


async def test_what_is_no_media_or_names_other_files_is_refused_and_nothing_else_is_opened(tmp_path, canary):
    files = bombs.playlists(canary.url, canary.path) | bombs.no_media()
    said, _ = await asyncio.to_thread(every_way, put(tmp_path / "files", files))
    assert {name for name, _ in said} == set(files)
    assert all(each.startswith("unreadable: ") for each in said.values()), said
    assert canary.untouched()


def test_the_canary_is_one_that_ffmpeg_would_open(tmp_path):
    """Without the list of formats a playlist has another file opened: the tests above can fail."""
    import av

    other = tmp_path / "other.webm"
    other.write_bytes(media.encode_clip(media.astronaut_frames(5, (64, 48), face=20), 5, "vp8"))
    playlist = tmp_path / "list.ffconcat"
    playlist.write_text("ffconcat version 1.0\nfile other.webm\n")
    with av.open(str(playlist)) as opened:
        assert opened.streams.video[0].width == 64


class TestOverHttp:
    @pytest.fixture
    def settings(self):
        return {"emotion_engines": "embedded"}

    @pytest.mark.slow
    async def test_bombs_are_refused_by_upload_by_name_and_as_mp4(self, http, server, canary):
        await self._ready(http)
        files = bombs.too_large() | bombs.playlists(canary.url, canary.path) | bombs.no_media()
        few = ("vp8-12000.webm", "h264-8192.mp4", "hls-file.m3u8", "concat.webm", "hls-key.webm", "zip.webm")
        for name in few:
            form = aiohttp.FormData()
            form.add_field("file", files[name], filename=name)
            async with http.post("/api/analyze", data=form) as response:
                assert await self._code(response) == (422, "clip_unreadable"), name
        clip = server.data / "videos" / "20270115T080000.250_0a1b2c3d4e5f60718293a4b5.webm"
        for name in few:
            await asyncio.to_thread(clip.write_bytes, files[name])
            async with http.post("/api/analyze", json={"video_name": clip.name}) as response:
                assert await self._code(response) == (422, "clip_unreadable"), name
            async with http.get(f"/videos/{clip.name}?format=mp4") as response:
                assert await self._code(response) == (422, "clip_unreadable"), name
            async with http.get(f"/thumbnails/{clip.name}.jpg", headers={"Range": "bytes=0-"}) as response:
                assert response.status == 404
        assert canary.untouched()

    @staticmethod
    async def _ready(http):
        async with asyncio.timeout(30):
            while True:
                async with http.get("/api/engines") as response:
                    if (await response.json())["ready"]:
                        return
                await asyncio.sleep(0.1)

    @staticmethod
    async def _code(response):
        return response.status, (await response.json())["error"]["code"]


@pytest.mark.slow
async def test_a_call_whose_pictures_are_bombs_goes_on_and_others_do_not_notice(tmp_path):
    sound = Source.read(material("vp8", (320, 240)))
    pictures = [
        (at * 0.1, bombs.vp8_keyframe(16_383, 16_383)[:900]) for at in range(int(sound.duration * 10))
    ]
    bad = Source({"video": pictures, "audio": sound.packets["audio"]}, "vp8", sound.duration)
    async with serving(tmp_path, emotion_engines="embedded", max_sessions=2) as server:
        both = {"analysis": True, "recording": True}
        attacker = Caller(server.url, bad, consent=both)
        other = Caller(server.url, sound, consent={"analysis": True})
        await attacker.connect()
        attacker.say("start_recording")
        await other.connect()
        saved = await attacker.hear("clip_saved", within=15)
        await other.hear("emotion_result", within=30)
        async with aiohttp.ClientSession(server.url) as http:
            async with http.get(f"{saved['url']}?format=mp4") as response:
                assert response.status == 422
            async with http.get(saved["thumbnail"]) as response:
                assert response.status == 404
        before = len(attacker.pongs), len(other.pongs), len(other.heard("emotion_result"))
        await asyncio.sleep(3)
        assert len(attacker.pongs) > before[0] + 8 and len(other.pongs) > before[1] + 8
        assert len(other.heard("emotion_result")) > before[2]
        assert attacker.heard("emotion_result") == []
        assert not attacker.heard("session_ended") and not other.heard("session_ended")
        await attacker.close()
        await other.close()
