"""GStreamer's webrtcbin as a publisher: it encodes a picture, and a keyframe when it is asked for one."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.interop.publication import publish

SCRIPT = Path(__file__).parent / "gstreamer.py"
PYTHON = "/usr/bin/python3"
"""Debian's, which Debian's packages of GStreamer are for."""


@pytest.fixture(scope="module", autouse=True)
def gstreamer():
    done = None
    with suppress(FileNotFoundError):
        done = subprocess.run([PYTHON, SCRIPT], capture_output=True, timeout=30)
    if done is None or done.returncode:
        pytest.skip("GStreamer's webrtcbin is not installed for Debian's Python")


@pytest.mark.parametrize("codec", ["vp8", "h264"])
async def test_what_gstreamer_publishes_is_clipped_and_over_when_it_stops(tmp_path, smile, codec):
    seen = await publish(tmp_path, lambda url: [PYTHON, SCRIPT, url, smile["vp8"], codec], {codec, "opus"})
    assert seen.returned == 0 and seen.end_reason == "the publisher stopped"
