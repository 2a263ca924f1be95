"""What every client publishes: a face that smiles and a voice, as files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.media import astronaut_frames, encode_clip, speech_wav

SECONDS, FRAME_RATE = 8, 15
SIZE = (320, 240)


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            if shutil.which("ffprobe") is None:
                item.add_marker(pytest.mark.skip(reason="ffprobe is not installed"))


@pytest.fixture(scope="session")
def smile(tmp_path_factory) -> dict[str, Path]:
    """By their codec: `vp8`, a WebM file, and `h264`, MP4 in the baseline profile; both with Opus, a keyframe a second,
    and 8 s long."""
    folder = tmp_path_factory.mktemp("smile")
    frames = astronaut_frames(SECONDS * FRAME_RATE, SIZE, face=110)
    voice = speech_wav(folder / "voice.wav")
    files = {"vp8": folder / "smile.webm", "h264": folder / "smile.mp4"}
    for codec, path in files.items():
        path.write_bytes(encode_clip(frames, FRAME_RATE, codec, voice))
    return files
