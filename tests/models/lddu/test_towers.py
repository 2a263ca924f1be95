from __future__ import annotations

import pytest
import torch

from models.lddu.towers import best_device


def test_a_gpu_is_used_with_attention_that_takes_any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    torch.backends.cuda.enable_cudnn_sdp(True)
    assert best_device() == torch.device("cuda")
    assert not torch.backends.cuda.cudnn_sdp_enabled()


def test_without_a_gpu_it_is_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert best_device() == torch.device("cpu")
