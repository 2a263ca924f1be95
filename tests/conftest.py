"""What of the tests cannot run here, and why."""

from __future__ import annotations

import gc
from importlib.util import find_spec

NEEDED = ("torch", "transformers", "huggingface_hub")
"""Packages that `make install-models` installs; the tests of what stands on them import them."""

LARGE_MODELS = ["models/lddu", "models/qwen", "models/test_download.py"]

missing = [name for name in NEEDED if find_spec(name) is None]
collect_ignore = LARGE_MODELS if missing else []


def pytest_collection_finish():
    """What was imported and collected stays to the end: to look through it for garbage took a third of a second each
    time, in the midst of calls. A server that is a process of its own does the same (`server.settle`)."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter):
    if missing:
        names, parts = ", ".join(missing), ", ".join(f"tests/{part}" for part in LARGE_MODELS)
        terminalreporter.write_line(
            f"SKIPPED {parts}: {names} not installed; make install-models installs them"
        )
