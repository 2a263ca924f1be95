from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from models.loading import FULL, said

CUDNN = RuntimeError(
    "Expected mha_graph.execute(handle, variant_pack, workspace).is_good() to be true, but got false."
)
FAILED = RuntimeError("CUDA error: unspecified launch failure\nCUDA kernel errors might be reported later.")


@pytest.fixture
def gpus(monkeypatch):
    """Makes torch see GPUs, by the bytes that this process holds of each and that are free in all."""

    def make(*memory: tuple[int, int], initialized: bool = True, answers: bool = True) -> None:
        def free(gpu):
            if not answers:
                raise RuntimeError("CUDA error: unspecified launch failure")
            assert memory[gpu][0], "asking about it would take memory of it"
            return memory[gpu][1], 80 * 2**30

        cuda = SimpleNamespace(
            is_initialized=lambda: initialized,
            device_count=lambda: len(memory),
            memory_reserved=lambda gpu: memory[gpu][0],
            mem_get_info=free,
        )
        monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))

    return make


def test_what_fails_on_a_full_gpu_failed_for_want_of_memory(gpus):
    gpus((2**30, 2**30), (2**30, FULL - 1))
    assert said(CUDNN) == ("out_of_memory", "there was not enough memory")
    assert said(ValueError("oh"))[0] == "analysis_failed"


def test_what_fails_on_a_gpu_with_room_failed_for_another_reason(gpus):
    gpus((2**30, FULL), (0, 0))
    assert said(CUDNN)[0] == "analysis_failed"
    gpus((2**30, 0), initialized=False)
    assert said(CUDNN)[0] == "analysis_failed"


def test_a_gpu_that_does_not_answer_has_failed(gpus):
    gpus((2**30, 0), answers=False)
    assert said(FAILED) == ("gpu_failed", "CUDA error: unspecified launch failure")
