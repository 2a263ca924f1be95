"""The README's commands do what it says they do: each curl line is run against a real server."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from tests.media import astronaut_frames, encode_clip
from tests.openai_server import OpenAIServer
from tests.server import serving

README = (Path(__file__).parent.parent / "README.md").read_text()
LINES = [line for line in README.splitlines() if line.startswith("curl ")]
NAME = "20270115T080000.250_0a1b.webm"


def test_there_are_commands_to_run():
    assert len(LINES) > 15


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.slow
async def test_every_curl_line_is_answered_as_the_readme_says(tmp_path):
    with OpenAIServer() as model:
        async with serving(tmp_path / "data", openai_api_base=model.url) as server:
            clip = encode_clip(astronaut_frames(15), 15, "vp8", None)
            (server.data / "videos" / NAME).write_bytes(clip)
            await server.until(
                lambda status: status["analysis"]["engines"][-1]["state"] == "ready", within=20
            )
            for line in LINES:
                expected = re.search(r"# (\d\d\d) ", line)
                said = line.partition("  #")[0].replace("<file>", NAME).replace("<id>", "notes")
                status, body = await run(said.replace("http://localhost:8080", server.url), tmp_path)
                allowed = (expected[1],) if expected else ("200", "204")
                assert status in allowed, f"{said}: {status} {body}"
            assert (tmp_path / "clip.mp4").read_bytes()[4:8] == b"ftyp"
            assert (tmp_path / "session.zip").read_bytes()[:2] == b"PK"


async def run(command, folder):
    """Status and body of a curl line, as a shell runs it."""
    process = await asyncio.create_subprocess_shell(
        f"{command} -sS -w '\\n%{{http_code}}'", cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    body, _, status = printed.decode().rpartition("\n")
    return status, body
