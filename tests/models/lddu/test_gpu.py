"""What only a GPU shows: towers in half precision there, and heads that move between it and the CPU."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.base import Question
from models.catalog import LdduConfig
from models.jobs import Analyze
from models.lddu import towers
from models.lddu.checkpoint import read_checkpoint, write_checkpoint
from models.lddu.data import Dataset
from models.lddu.engine import LdduEngine
from models.lddu.evaluate import predict
from models.lddu.head import HeadConfig
from models.lddu.sound import AudioTower
from models.lddu.train import train
from models.lddu.vision import VisionTower
from models.worker import Worker
from tests import media
from tests.models import gpu
from tests.models.conftest import clip_of, voice
from tests.models.lddu.conftest import CPU
from tests.models.lddu.synthetic import HEAD, TINY, TRAINING, dataset
from tests.models.lddu.test_engine import wide

pytestmark = gpu.needed

GPU = torch.device("cuda")
CLIP = replace(
    clip_of(media.astronaut_frames(3, (160, 120), face=60)),
    waveform=voice(seconds=3, swing=2),
    has_audio=True,
)


@pytest.fixture(scope="module")
def config(
    vision: VisionTower,
    audio: AudioTower,
    vision_path: Path,
    audio_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> LdduConfig:
    """A head trained on the GPU, for towers that were fingerprinted on the CPU."""
    splits = {name: wide(split) for name, split in dataset(60).splits().items()}
    data = Dataset(
        name="turning", towers={"vision": vision.fingerprint, "audio": audio.fingerprint}, **splits
    )
    head = HeadConfig(widths={"vision": 16, "audio": 16}, **TINY)
    folder = tmp_path_factory.mktemp("head")
    write_checkpoint(train(data, head, replace(TRAINING, epochs=2), GPU, lambda epoch: None), folder)
    return LdduConfig(checkpoint=folder, vision_path=vision_path, audio_path=audio_path)


def loaded(config: LdduConfig) -> LdduEngine:
    engine = LdduEngine(config)
    engine.load(lambda share: None)
    return engine


def test_towers_are_on_the_gpu_in_half_precision_and_known_by_the_same_name(
    vision: VisionTower, audio: AudioTower, vision_path: Path, audio_path: Path
) -> None:
    seeing, hearing = VisionTower(vision_path, GPU), AudioTower(audio_path, GPU)
    for model in (seeing._model, hearing._encoder):
        assert {(weight.device.type, weight.dtype) for weight in model.parameters()} == {
            ("cuda", torch.float16)
        }
    assert (seeing.fingerprint, hearing.fingerprint) == (vision.fingerprint, audio.fingerprint)
    looks = [look.rgb for look in CLIP.looks]
    assert np.abs(seeing(looks) - vision(looks)).max() < 0.02
    heard, exact = hearing(CLIP.waveform), audio(CLIP.waveform)
    assert heard is not None and exact is not None
    assert np.abs(heard - exact).max() < 0.02


def test_the_answer_is_what_the_cpu_gives(config: LdduConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    given = loaded(config).analyze(CLIP, Question(session_id="a"), decode_ms=0)
    monkeypatch.setattr(towers, "best_device", lambda: CPU)
    exact = loaded(config).analyze(CLIP, Question(session_id="a"), decode_ms=0)
    difference = np.subtract(list(given.probabilities.values()), list(exact.probabilities.values()))
    assert np.abs(difference).max() < 0.02


def test_a_head_trained_on_the_gpu_scores_the_same_on_the_cpu(tmp_path: Path) -> None:
    data = dataset(60)
    kept = train(data, HEAD, replace(TRAINING, epochs=2), GPU, lambda epoch: None)
    assert kept.head.labels.device.type == "cuda"
    write_checkpoint(kept, tmp_path)
    read = read_checkpoint(tmp_path, CPU)
    assert np.allclose(predict(read.head, data.test).scores, predict(kept.head, data.test).scores, atol=1e-3)


def test_a_full_gpu_is_answered_for_and_the_next_clip_is_again(
    config: LdduConfig, smile: list[media.Frame]
) -> None:
    data = media.encode_clip(smile[:75], 15)
    engine = loaded(config)
    worker = Worker(engine)

    def ask(job_id: int):
        question = Question(session_id=str(job_id))
        return worker.answer(Analyze(job_id=job_id, data=data, start=0.0, end=5.0, question=question))

    gpu.answers_again_after_a_full_gpu(ask)
