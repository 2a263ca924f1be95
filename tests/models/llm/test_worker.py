"""The chat process by itself."""

from __future__ import annotations

import subprocess
import sys

from models.llm.base import LlmConfig
from models.pipes import pack

COMMAND = [sys.executable, "-m", "models.llm.worker"]


def run(said: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(COMMAND, input=said, capture_output=True, timeout=20, check=False)


def test_it_ends_when_nobody_asks_any_more():
    ended = run(pack(LlmConfig(base_url="http://127.0.0.1:9/v1")))
    assert ended.returncode == 0 and ended.stderr == b"" and len(ended.stdout) > 4


def test_without_a_configuration_it_ends_with_a_word():
    ended = run(pack("nonsense"))
    assert b"no configuration" in ended.stderr and b"Traceback" not in ended.stderr and ended.stdout == b""
