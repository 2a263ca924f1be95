"""What only a GPU shows: where the weights go, how exact they are there, and what happens when it is full or fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from models.base import EngineUnavailable
from models.catalog import QwenConfig
from models.jobs import Analyze
from models.qwen.engine import GPU_DEADLINE, QwenEngine
from models.qwen.pictures import GPU_PIXELS
from models.worker import Worker
from tests import media
from tests.models import gpu
from tests.models.qwen.conftest import QUESTION, clip, tone

pytestmark = gpu.needed

SOUND = tone(1.0)

FAILS = """
import torch
from models.loading import said
codes = []
for _ in range(2):
    try:
        torch.zeros(1, device="cuda")[torch.tensor([5], device="cuda")].cpu()
    except Exception as error:
        codes.append(said(error)[0])
print(codes)
"""


@pytest.fixture(scope="module", params=["qwen2.5", "qwen3"])
def on_gpu(request, folder_of) -> tuple[QwenEngine, Path]:
    """A loaded engine of either generation, and its folder."""
    path = folder_of(request.param)
    engine = QwenEngine(QwenConfig(path=path))
    engine.load()
    return engine, path


@pytest.fixture
def own(folder_of) -> QwenEngine:
    """A loaded engine that a test may unload."""
    engine = QwenEngine(QwenConfig(path=folder_of("qwen2.5")))
    engine.load()
    return engine


def shares(engine: QwenEngine, face) -> np.ndarray:
    result = engine.analyze(clip(face, SOUND), QUESTION, decode_ms=0)
    return np.array(list(result.probabilities.values()))


def test_all_weights_are_on_the_gpu_in_half_precision(on_gpu):
    engine, _ = on_gpu
    thinker = engine._thinker
    assert thinker.on_gpu
    assert {(str(weight.device), weight.dtype) for weight in thinker.model.parameters()} == {
        ("cuda:0", torch.bfloat16)
    }
    assert thinker.patching.pixels == GPU_PIXELS
    assert engine.deadline == GPU_DEADLINE


def test_the_answer_is_about_what_the_cpu_gives(on_gpu, face):
    engine, path = on_gpu
    on_cpu = QwenEngine(QwenConfig(path=path, device="cpu"))
    on_cpu.load()
    given, exact = shares(engine, face), shares(on_cpu, face)
    assert given.sum() == pytest.approx(1)
    assert np.abs(given - exact).max() < 0.1
    on_cpu._thinker.model.to("cuda")
    assert np.abs(shares(on_cpu, face) - exact).max() < 0.01


def test_without_accelerate_the_first_gpu_is_used(folder_of, monkeypatch, face):
    from models.qwen import weights

    monkeypatch.setattr(weights, "find_spec", lambda _: None)
    engine = QwenEngine(QwenConfig(path=folder_of("qwen2.5")))
    engine.load()
    assert {str(weight.device) for weight in engine._thinker.model.parameters()} == {"cuda:0"}
    assert shares(engine, face).sum() == pytest.approx(1)


def test_unloading_gives_the_memory_back(folder_of):
    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated()
    engine = QwenEngine(QwenConfig(path=folder_of("qwen2.5")))
    engine.load()
    assert torch.cuda.memory_allocated() > before
    engine.unload()
    assert torch.cuda.memory_allocated() == before


@pytest.mark.parametrize("kind", ["qwen2.5", "qwen3"])
def test_a_model_too_large_for_the_free_memory_says_so(folder_of, monkeypatch, kind):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda gpu: (1000, 2000))
    with pytest.raises(EngineUnavailable, match="does not fit into the free memory of the GPUs"):
        QwenEngine(QwenConfig(path=folder_of(kind))).load()


def test_a_full_gpu_is_answered_for_and_the_next_clip_is_again(own, smile):
    data = media.encode_clip(smile[:75], 15)
    worker = Worker(own)

    def ask(job_id: int):
        return worker.answer(Analyze(job_id=job_id, data=data, start=0.0, end=5.0, question=QUESTION))

    gpu.answers_again_after_a_full_gpu(ask)


def test_a_failure_of_the_gpu_has_its_own_code_and_stays():
    ended = subprocess.run(
        [sys.executable, "-c", FAILS],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert "['gpu_failed', 'gpu_failed']" in ended.stdout, ended.stderr
