"""FFmpeg as a publisher: its WHIP muxer sends a file, which is clipped as it was encoded."""

from __future__ import annotations

import subprocess

import pytest

from tests.interop.publication import publish
from tests.media import probed


@pytest.fixture(scope="module")
def ffmpeg():
    """Debian's has no WHIP; the one that comes in a wheel does."""
    wheel = pytest.importorskip("imageio_ffmpeg", reason="imageio-ffmpeg is not installed")
    return wheel.get_ffmpeg_exe()


@pytest.fixture(scope="module")
def file(tmp_path_factory, ffmpeg, smile):
    """In H264's high profile, which FFmpeg makes unless told otherwise, and Opus in stereo."""
    path = tmp_path_factory.mktemp("ffmpeg") / "file.mp4"
    video = ["-c:v", "libx264", "-profile:v", "high", "-bf", "0", "-g", "15", "-pix_fmt", "yuv420p"]
    audio = ["-c:a", "libopus", "-ac", "2", "-ar", "48000"]
    command = [ffmpeg, "-v", "error", "-i", smile["vp8"], "-t", "6", *video, *audio, path]
    subprocess.run(command, check=True, timeout=60)
    return path


@pytest.mark.parametrize("role", ["passive", "active"])
async def test_what_ffmpeg_publishes_is_clipped_as_it_was_encoded_and_over_when_it_stops(
    tmp_path, ffmpeg, file, role
):
    flags = ["-whip_flags", "dtls_active"] if role == "active" else []
    sending = [ffmpeg, "-v", "error", "-re", "-i", file, "-c", "copy", "-f", "whip", *flags]
    seen = await publish(tmp_path, lambda url: [*sending, url], {"h264", "opus"}, stop=None)
    assert seen.returned == 0 and seen.end_reason == "the publisher stopped"
    assert {probed(path)["h264"] for path in seen.clips} == {"High"}
