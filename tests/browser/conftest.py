"""Real Chromium with a fake camera and microphone, and the real program as a user starts it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, async_playwright

from tests.media import astronaut_frames, faceless_frames, speech_wav, write_mjpeg

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
GRANT = "--use-fake-ui-for-media-stream"
DEVICES = "--use-fake-device-for-media-stream"


ALONE = {"call", "devices", "engines", "lip_sync", "lossy_link", "quality", "recording", "resume", "timeline"}
"""Tests of times, and of what a page or a server does where they are long: on a busy machine they are."""


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            if item.path.stem.removeprefix("test_") in ALONE:
                item.add_marker(pytest.mark.alone)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium is installed"))


@dataclass(slots=True)
class Program:
    """A server started as a user would start it."""

    process: subprocess.Popen[str]
    data: Path
    http: str
    lan: list[str]
    code: str
    operators_code: str

    @property
    def videos(self) -> list[Path]:
        return sorted(path for path in (self.data / "videos").iterdir() if not path.name.startswith("."))


@contextmanager
def program(data: Path, *within: str, **settings: str) -> Iterator[Program]:
    """Run `python server.py` for the length of a block, by the command `within` which it runs; a clean end is part of
    the test."""
    environment = {"HTTP_PORT": "0", "HTTPS_PORT": "0", "DATA_DIR": str(data)} | settings
    process = subprocess.Popen(
        [*within, sys.executable, "server.py"],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    printed = ""
    while "Ctrl-C" not in printed:
        line = process.stdout.readline()
        assert line, f"the server ended with {process.wait()}"
        printed += line
    try:
        yield Program(
            process=process,
            data=data,
            http=re.search(r"(http://localhost:\d+)", printed)[1],
            lan=re.findall(r"(https://\S+)", printed),
            code=re.search(r"access code +(\S+)|$", printed)[1] or "",  # one that is open has none
            operators_code=re.search(r"operator's code +(\S+)|$", printed)[1] or "",
        )
    finally:
        process.terminate()
        process.communicate(timeout=10)
    assert process.returncode == 0


@dataclass(slots=True)
class FakeDevices:
    """Files that Chromium plays as camera and microphone."""

    smiling: Path
    faceless: Path
    speech: Path


@pytest.fixture(scope="session")
def devices(tmp_path_factory) -> FakeDevices:
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed: nothing to say into the microphone")
    folder = tmp_path_factory.mktemp("devices")
    made = FakeDevices(folder / "smiling.mjpeg", folder / "faceless.mjpeg", folder / "speech.wav")
    write_mjpeg(made.smiling, astronaut_frames(90), 30)
    write_mjpeg(made.faceless, faceless_frames(90), 30)
    speech_wav(made.speech)
    return made


@asynccontextmanager
async def chromium(
    profile: Path, *flags: str, width: int = 1280, height: int = 860, **options: object
) -> AsyncIterator[BrowserContext]:
    """A fresh Chromium with these flags."""
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            profile,
            executable_path=options.pop("executable_path", CHROMIUM),
            args=[*QUIET, *flags],
            viewport={"width": width, "height": height},
            **options,
        )
        try:
            yield context
        finally:
            await context.close()


def camera(file: Path, sound: Path) -> list[str]:
    """Flags for a camera that shows `file` and a microphone that plays `sound`."""
    return [
        GRANT,
        DEVICES,
        f"--use-file-for-fake-video-capture={file}",
        f"--use-file-for-fake-audio-capture={sound}",
    ]


async def open_page(context: BrowserContext, url: str) -> Page:
    """Open the page and fail the test on any error it logs."""
    page = context.pages[0] if context.pages else await context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda m: page.errors.append(m.text) if m.type == "error" else None)
    await page.goto(url)
    return page


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory) -> Path:
    """Where screenshots go: `SCREENSHOTS`, or a temporary folder."""
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
