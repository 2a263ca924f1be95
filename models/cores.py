"""The cores that this process may use."""

from __future__ import annotations

import os


def cores() -> int:
    """How many there are for it: an analysis process begins with one, and large models on the CPU want all."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
