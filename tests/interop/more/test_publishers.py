"""Programs that need more than the tests do publish a smile: it is clipped, read and over when they stop."""

from __future__ import annotations

import asyncio
import json
import subprocess

import pytest

from tests.interop.more.clients import certificate, client
from tests.interop.publication import publish
from tests.server import serving

pytestmark = pytest.mark.interop

CODECS = {"vp8": {"vp8", "opus"}, "h264": {"h264", "opus"}}


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("name", ["Pion", "werift", "aiortc 1.9"])
async def test_it_is_clipped_and_read_and_over_when_the_client_stops(tmp_path, smile, name, codec):
    seen = await publish(tmp_path, client(name, smile[codec]), CODECS[codec], stop=None)
    assert seen.returned == 0, seen.client
    assert seen.end_reason == "the publisher stopped"


# Its libwebrtc offers VP8, VP9 and AV1, and no H.264.
async def test_libwebrtc_sends_its_candidates_by_whip_wheps_patch(tmp_path, smile):
    seen = await publish(tmp_path, client("@roamhq/wrtc", smile["vp8"]), CODECS["vp8"], stop=None)
    assert seen.returned == 0, seen.client
    assert seen.end_reason == "the publisher stopped"
    said = json.loads(seen.client.splitlines()[-1])
    assert said["statuses"] == [["POST", 201], ["PATCH", 204], ["DELETE", 200]]


@pytest.fixture(scope="module")
def stereo(tmp_path_factory, smile):
    """FFmpeg's muxer, which PyAV's is, takes H.264 and Opus of two channels, and nothing else."""
    path = tmp_path_factory.mktemp("stereo") / "smile.mp4"
    sound = ["-c:v", "copy", "-c:a", "libopus", "-ac", "2"]
    subprocess.run(["ffmpeg", "-v", "error", "-i", smile["h264"], *sound, path], check=True, timeout=60)
    return path


async def test_pyav_with_a_certificate_of_its_users(tmp_path, stereo):
    command = client("PyAV", stereo, *certificate(tmp_path))
    seen = await publish(tmp_path, command, CODECS["h264"], stop=None)
    assert seen.returned == 0, seen.client
    assert seen.end_reason == "the publisher stopped"


# With GnuTLS, as in PyAV's wheel, FFmpeg 8.1 makes itself a certificate of the curve secp224r1. OpenSSL offers no such
# curve and refuses it by the alert illegal_parameter; RFC 8827 section 6.5 asks for P-256.
async def test_pyav_with_the_certificate_that_it_makes_is_refused_and_nothing_is_left(tmp_path, stereo):
    async with serving(tmp_path, whip_consent="recording") as server:
        refused = await asyncio.create_subprocess_exec(
            *client("PyAV", stereo)(f"{server.url}/whip"), stderr=asyncio.subprocess.PIPE
        )
        said = (await asyncio.wait_for(refused.communicate(), 20))[1].decode()
        assert refused.returncode != 0 and "Input/output error" in said
        await server.until(lambda status: status["sessions"] == [], within=5)
    assert server.videos == []
