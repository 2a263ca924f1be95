from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models.base import EngineUnavailable
from models.lddu.checkpoint import Checkpoint, places, read_checkpoint, write_checkpoint
from models.lddu.data import DataUnusable
from models.lddu.evaluate import evaluate, predict
from models.lddu.train import train
from tests.models.lddu.conftest import CPU
from tests.models.lddu.synthetic import HEAD, TRAINING, dataset, turning


@pytest.fixture(scope="module")
def made() -> Checkpoint:
    torch.set_num_threads(1)
    return train(dataset(60), HEAD, replace(TRAINING, epochs=1), CPU, lambda epoch: None)


@pytest.mark.parametrize("name", ["head", "deep/er/head", "head.safetensors"])
def test_a_head_comes_back_as_it_was(made: Checkpoint, tmp_path: Path, name: str) -> None:
    manifest = write_checkpoint(made, tmp_path / name)
    back = read_checkpoint(tmp_path / name, CPU)
    assert back.manifest == manifest
    assert manifest == made.manifest.model_copy(update={"weights_sha256": manifest.weights_sha256})
    test = turning(20, 3)
    assert (predict(back.head, test).scores == predict(made.head, test).scores).all()
    weights, beside = places(tmp_path / name)
    assert weights.parent == beside.parent
    assert sorted(each.name for each in weights.parent.iterdir()) == sorted([weights.name, beside.name])


def test_weights_that_are_not_the_manifest_s_are_refused(made: Checkpoint, tmp_path: Path) -> None:
    write_checkpoint(made, tmp_path)
    weights, _ = places(tmp_path)
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    with pytest.raises(EngineUnavailable, match=r"is not what head\.json was written for: train it again"):
        read_checkpoint(tmp_path, CPU)
    weights.unlink()
    with pytest.raises(EngineUnavailable, match="cannot be read"):
        read_checkpoint(tmp_path, CPU)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"format": 2}, "is of format 2, not 1: train it again"),
        ({"labels": ["happy", "sad"]}, "is of the labels happy, sad"),
        ({"temperature": 0}, "temperature: "),
        ({"temperature": "hot"}, "temperature: "),
        ({"towers": {"vision": None}}, "towers for other modalities"),
        ({"head": {"widths": {"vision": 12, "audio": 12}}}, "has not the weights of its manifest"),
        ({"head": {"widths": {"smell": 12}}}, "is no head's manifest: head"),
        ({"more": 1}, "is no head's manifest: more"),
    ],
)
def test_a_manifest_that_does_not_match_is_refused(
    made: Checkpoint, tmp_path: Path, changed: dict, said: str
) -> None:
    write_checkpoint(made, tmp_path)
    _, file = places(tmp_path)
    file.write_text(json.dumps({**json.loads(file.read_text()), **changed}))
    with pytest.raises(EngineUnavailable, match=said) as raised:
        read_checkpoint(tmp_path, CPU)
    assert "\n" not in str(raised.value)


def test_without_a_manifest_there_is_no_head(tmp_path: Path) -> None:
    for text in (None, "{", "[]"):
        if text is not None:
            (tmp_path / "head.json").write_text(text)
        with pytest.raises(EngineUnavailable, match=r"no trained head: .*python -m models\.lddu train"):
            read_checkpoint(tmp_path, CPU)


def test_data_that_a_head_was_not_trained_for_is_refused(made: Checkpoint) -> None:
    data = dataset(60)
    foreign = replace(data, towers={"vision": "another", "audio": None})
    with pytest.raises(DataUnusable, match="another tower"):
        evaluate(made, foreign, "test")
    wider = replace(
        data,
        **{
            name: replace(split, values={n: v.repeat(2, axis=2) for n, v in split.values.items()})
            for name, split in data.splits().items()
        },
    )
    with pytest.raises(DataUnusable, match="vision is 24 wide in the data, and 12"):
        evaluate(made, wider, "test")
