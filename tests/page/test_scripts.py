"""The page's modules without a browser: their types, and what is decided without doing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NODE = shutil.which("node")
TSC = HERE / "node_modules" / ".bin" / "tsc"

pytestmark = pytest.mark.skipif(NODE is None, reason="no Node.js is installed")


def run(*command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not TSC.exists(), reason="TypeScript is not installed: npm install --prefix tests/page")
def test_the_types_are_right():
    run(TSC, "--noEmit", "-p", "web/static/jsconfig.json")


@pytest.mark.slow
@pytest.mark.parametrize("script", sorted(HERE.glob("*.test.js")), ids=lambda path: path.name)
def test_what_is_decided_without_doing_is_right(script):
    run(NODE, "--test", script)
