"""A call in real Firefox: its VP8 is heard and looked at, its clips play, and the chat says why nobody answers."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser.conftest import program
from tests.media import probed

SCRIPTS = Path(__file__).parent.parent / "page"
FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
NODE = shutil.which("node")

pytestmark = [
    pytest.mark.skipif(FIREFOX is None, reason="no Firefox is installed"),
    pytest.mark.skipif(
        NODE is None or not (SCRIPTS / "node_modules" / "puppeteer-core").exists(),
        reason="puppeteer-core is not installed: npm install --prefix tests/page",
    ),
]


def test_firefox_calls_is_looked_at_plays_its_clips_and_chats(tmp_path, screenshots):
    picture = screenshots / "firefox.png"
    with program(tmp_path / "data", OPENAI_API_BASE="", OPENAI_API_KEY="") as server:
        command = [NODE, SCRIPTS / "firefox.js", server.http, FIREFOX, tmp_path / "profile", picture]
        done = subprocess.run(command, capture_output=True, text=True, timeout=90)
        assert done.returncode == 0, done.stderr
        seen = json.loads(done.stdout)
        assert seen["label"] == "unknown" and "face" in seen["reason"].lower()
        assert seen["chat"] == "chat_no_key"
        assert seen["clips"] > 0 and seen["errors"] == []
        assert len(server.videos) > 0
        for path in server.videos:
            assert set(probed(path)) == {"vp8", "opus"}
