"""FFmpeg as a publisher: its WHIP muxer sends a file, which is clipped as it was encoded."""

from __future__ import annotations

import asyncio
import shutil
import subprocess

import aiohttp
import pytest

from bench.media import material
from tests.media import probed
from tests.server import serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ffmpeg():
    """Debian's has no WHIP; the one that comes in a wheel does."""
    wheel = pytest.importorskip("imageio_ffmpeg", reason="imageio-ffmpeg is not installed")
    return wheel.get_ffmpeg_exe()


@pytest.fixture(scope="module")
def file(tmp_path_factory, ffmpeg):
    """Six seconds in H.264's high profile, which FFmpeg makes unless told otherwise, and Opus."""
    path = tmp_path_factory.mktemp("ffmpeg") / "file.mp4"
    source = ["-i", str(material("vp8", (320, 240))), "-t", "6"]
    video = ["-c:v", "libx264", "-profile:v", "high", "-bf", "0", "-g", "30", "-pix_fmt", "yuv420p"]
    command = [
        ffmpeg,
        "-v",
        "error",
        *source,
        *video,
        "-c:a",
        "libopus",
        "-ac",
        "2",
        "-ar",
        "48000",
        str(path),
    ]
    subprocess.run(command, check=True, timeout=60)
    return path


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
@pytest.mark.parametrize("role", ["passive", "active"])
async def test_what_ffmpeg_publishes_is_clipped_as_it_was_encoded_and_over_when_it_stops(
    tmp_path, ffmpeg, file, role
):
    async with serving(tmp_path, whip_consent="recording") as server:
        flags = ["-whip_flags", "dtls_active"] if role == "active" else []
        sending = await asyncio.create_subprocess_exec(
            *[ffmpeg, "-v", "error", "-re", "-i", str(file), "-c", "copy", "-f", "whip", *flags],
            f"{server.url}/whip",
        )
        status = await server.until(
            lambda s: s["sessions"] and s["sessions"][0]["clips_saved"] >= 3, within=15
        )
        assert status["sessions"][0]["frames_unknown_codec"] == 0
        assert await asyncio.wait_for(sending.wait(), 20) == 0
        await server.until(lambda s: s["sessions"] == [], within=2)
        session_id = status["sessions"][0]["session_id"]
        async with (
            aiohttp.ClientSession(server.url) as http,
            http.get(f"/api/sessions/{session_id}") as response,
        ):
            assert (await response.json())["end_reason"] == "the publisher stopped"
    assert len(server.videos) >= 3
    for path in server.videos:
        found = probed(path)
        assert set(found) == {"h264", "opus"} and found["h264"] == "High"
