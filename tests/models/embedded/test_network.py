from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from models.base import EngineUnavailable
from models.embedded import wheels
from models.embedded.network import Network


@dataclass
class Placed:
    """A wheel file at a given path."""

    path: Path
    distribution: str = "somewhere"

    def locate(self) -> Path:
        return self.path


def test_a_network_answers_by_its_input() -> None:
    network = Network(wheels.EXPRESSION_SMALL)
    black, white = (network(np.full((64, 64, 1), value, dtype=np.float32))[0] for value in (-1, 1))
    assert black.shape == (7,)
    assert black.sum() == pytest.approx(1, abs=0.02)
    assert not np.allclose(black, white)


def test_a_damaged_model_file_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(b"not a model at all" * 10)
    with pytest.raises(EngineUnavailable, match=r"broken\.tflite of somewhere"):
        Network(Placed(broken))  # type: ignore[arg-type]


def test_a_missing_runtime_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(EngineUnavailable, match=r"ai-edge-litert does not load.*make run"):
        Network(wheels.EXPRESSION_SMALL)
