"""The GPU that some tests need, and a full one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import torch

from models.jobs import Analyzed, Failed

needed = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")

LARGEST, SMALLEST = 1 << 21, 1 << 9
"""Bytes: the allocator's blocks, and what it rounds to."""


@contextmanager
def full() -> Iterator[None]:
    """Within it, this process gets no more of the GPU than it holds, and all of that is in use."""
    torch.cuda.empty_cache()
    held = torch.cuda.memory_reserved()
    torch.cuda.set_per_process_memory_fraction(held / torch.cuda.get_device_properties(0).total_memory)
    taken, size = [], LARGEST
    try:
        while size >= SMALLEST:
            try:
                taken.append(torch.empty(size, dtype=torch.uint8, device="cuda"))
            except torch.OutOfMemoryError:
                size //= 2
        yield
    finally:
        taken.clear()
        torch.cuda.set_per_process_memory_fraction(1.0)


def answers_again_after_a_full_gpu(ask: Callable[[int], object]) -> None:
    """A clip is answered, then there is no memory, then it is answered again. `ask` gives what a worker replies."""
    assert isinstance(ask(1), Analyzed)
    with full():
        failed = ask(2)
    assert isinstance(failed, Failed)
    assert (failed.code, failed.message) == ("out_of_memory", "there was not enough memory")
    assert isinstance(ask(3), Analyzed)
