from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf
from pathlib import Path

import numpy as np
import pytest
import torch

from models.base import (
    EMOTIONS,
    DecodedClip,
    EmotionResult,
    Engine,
    EngineFailed,
    EngineUnavailable,
    Question,
)
from models.catalog import LdduConfig, create
from models.decode import decode_clip
from models.lddu import folders
from models.lddu.checkpoint import write_checkpoint
from models.lddu.data import Dataset, Features
from models.lddu.engine import LdduEngine
from models.lddu.head import HeadConfig, LdduHead
from models.lddu.sound import AudioTower
from models.lddu.train import train
from models.lddu.vision import VisionTower
from tests import media
from tests.models.conftest import clip_of, voice
from tests.models.lddu.conftest import CPU
from tests.models.lddu.synthetic import TINY, TRAINING, dataset

ASKED = Question(session_id="a")


def wide(split: Features) -> Features:
    """The same clips with features as wide as the towers'."""
    values = {name: np.pad(each, ((0, 0), (0, 0), (0, 4))) for name, each in split.values.items()}
    return replace(split, values=values)


@pytest.fixture(scope="module")
def trained_on(
    vision: VisionTower, audio: AudioTower, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    def make(**towers: str | None) -> Path:
        torch.set_num_threads(1)
        data = dataset(60)
        splits = {name: wide(split) for name, split in data.splits().items()}
        given = {"vision": vision.fingerprint, "audio": audio.fingerprint, **towers}
        data = Dataset(name="turning", towers=given, **splits)
        head = HeadConfig(widths={"vision": 16, "audio": 16}, **TINY)
        folder = tmp_path_factory.mktemp("head")
        write_checkpoint(train(data, head, replace(TRAINING, epochs=1), CPU, lambda epoch: None), folder)
        return folder

    return make


@pytest.fixture(scope="module")
def config(trained_on: Callable[..., Path], vision_path: Path, audio_path: Path) -> LdduConfig:
    return LdduConfig(checkpoint=trained_on(), vision_path=vision_path, audio_path=audio_path)


@pytest.fixture(scope="module")
def engine(config: LdduConfig) -> Engine:
    engine = create(config)
    engine.load(lambda share: None)
    return engine


def ask(engine: Engine, data: bytes, start: float, end: float, question: Question = ASKED) -> EmotionResult:
    clip = decode_clip(
        data,
        start=start,
        end=end,
        wanted=lambda times: engine.wanted(question.session_id, times),
        heard_until=engine.heard_until(question.session_id),
        interval=engine.interval,
    )
    return engine.analyze(clip, question, decode_ms=2.0)


def clip(*, looks: int = 3, sound: bool = True) -> DecodedClip:
    silent = clip_of(media.faceless_frames(looks, (64, 48)))
    return replace(silent, waveform=voice(seconds=2, swing=2), has_audio=True) if sound else silent


def test_a_clip_is_answered_with_calibrated_probabilities(engine: Engine, vp8: bytes) -> None:
    result = ask(engine, vp8, 50.0, 55.0)
    assert list(result.probabilities) == list(EMOTIONS)
    assert sum(result.probabilities.values()) == pytest.approx(1)
    assert result.confidence == max(result.probabilities.values()) == result.probabilities[result.emotion]
    assert result.valence is not None and -1 <= result.valence <= 1 and result.arousal is None
    assert (result.engine, result.reason) == ("lddu", None)
    assert (result.window_start, result.window_end) == (50.0, 55.0)
    latency = result.latency
    assert latency.decode == 2.0 and min(latency.features, latency.inference) > 0
    assert latency.total == pytest.approx(latency.decode + latency.features + latency.inference)
    engine.forget("a")


def test_the_manifest_s_temperature_is_what_probabilities_are_made_with(engine: LdduEngine) -> None:
    checkpoint, extractor = engine._loaded
    flat = LdduEngine(LdduConfig())
    hotter = checkpoint.manifest.model_copy(update={"temperature": 50.0})
    flat._loaded = replace(checkpoint, manifest=hotter), extractor
    given = engine.analyze(clip(), Question(session_id="t"), decode_ms=0).probabilities
    tempered = flat.analyze(clip(), Question(session_id="t"), decode_ms=0).probabilities
    ratio = checkpoint.manifest.temperature / 50
    expected = np.array(list(given.values())) ** ratio
    assert np.allclose(list(tempered.values()), expected / expected.sum(), atol=1e-5)


@pytest.mark.slow
def test_each_frame_is_looked_at_once_and_all_sound_is_heard(
    engine: Engine, smile: list[media.Frame], wav: Path
) -> None:
    wanted: list[float] = []
    for at in range(3):
        window = media.encode_clip(smile[at * 15 : (at + 5) * 15], 15, "vp8", wav)
        question = Question(session_id="overlap")
        wanted += engine.wanted("overlap", [7.0 + at + second for second in range(5)])
        assert ask(engine, window, 7.0 + at, 12.0 + at, question).reason is None
    assert [round(time) for time in wanted] == [7, 8, 9, 10, 11, 12, 13]
    assert engine.heard_until("overlap") == -inf
    engine.forget("overlap")
    assert engine.wanted("overlap", [7.0]) == [7.0]


def test_picture_and_sound_each_count_and_each_may_be_missing(engine: Engine) -> None:
    answers = [
        engine.analyze(given, Question(session_id=str(at)), decode_ms=0).probabilities
        for at, given in enumerate((clip(), clip(sound=False), clip(looks=0)))
    ]
    assert all(sum(each.values()) == pytest.approx(1) for each in answers)
    assert len({tuple(each.values()) for each in answers}) == 3


def test_a_clip_with_neither_is_unknown(engine: Engine) -> None:
    for language, words in (("en", "no picture to read"), ("zh", "没有可看的画面")):
        question = Question(session_id="nothing", language=language)
        result = engine.analyze(clip(looks=0, sound=False), question, decode_ms=0)
        assert (result.emotion, result.reason, result.description) == ("unknown", "no_video", words)
        assert (dict(result.probabilities), result.confidence, result.valence) == ({}, None, None)


def test_descriptions_are_in_the_question_s_language(engine: Engine) -> None:
    result = engine.analyze(clip(), Question(session_id="l", language="zh"), decode_ms=0)
    assert result.description.startswith("看起来")


def test_what_is_no_number_is_never_an_answer(engine: LdduEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    forward = LdduHead.forward

    def broken(self: LdduHead, *given: object) -> object:
        output = forward(self, *given)
        return replace(output, score=output.score * float("nan"))

    with monkeypatch.context() as patched:
        patched.setattr(LdduHead, "forward", broken)
        with pytest.raises(EngineFailed, match="scores are not all finite"):
            engine.analyze(clip(), Question(session_id="n"), decode_ms=0)
    monkeypatch.setattr(
        VisionTower, "__call__", lambda self, looks: np.full((len(looks), 16), np.nan, np.float32)
    )
    with pytest.raises(EngineFailed, match="vision features are not all finite"):
        engine.analyze(clip(), Question(session_id="m"), decode_ms=0)


def test_features_that_are_no_numbers_do_not_stay(
    engine: LdduEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = Question(session_id="once")
    with monkeypatch.context() as patched:
        patched.setattr(
            VisionTower, "__call__", lambda self, looks: np.full((len(looks), 16), np.nan, np.float32)
        )
        with pytest.raises(EngineFailed):
            engine.analyze(clip(), question, decode_ms=0)
    assert engine.analyze(clip(), question, decode_ms=0).reason is None


def test_running_out_of_memory_is_let_through(engine: LdduEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: VisionTower, looks: object) -> object:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(VisionTower, "__call__", full)
    with pytest.raises(torch.OutOfMemoryError):
        engine.analyze(clip(), Question(session_id="full"), decode_ms=0)


def test_loading_reports_progress_up_to_the_end(config: LdduConfig) -> None:
    shares: list[float] = []
    LdduEngine(config).load(shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) >= 3


def test_what_cannot_be_loaded_says_why_and_what_to_do(
    config: LdduConfig, trained_on: Callable[..., Path], tmp_path: Path
) -> None:
    for changed, said in (
        ({"checkpoint": None}, "no trained head: train one with"),
        ({"checkpoint": tmp_path / "none"}, "no trained head: .*none is not there"),
        ({"checkpoint": tmp_path}, "no trained head: .*head.json is missing"),
        ({"vision_path": None}, "download siglip.*LDDU_VISION_PATH"),
        ({"audio_path": None}, "download whisper.*LDDU_AUDIO_PATH"),
        ({"audio_path": tmp_path}, "is no folder with Whisper weights"),
        ({"checkpoint": trained_on(vision="another")}, "another tower than that in"),
        ({"checkpoint": trained_on(vision=None, audio=None)}, "train one on a folder of clips"),
    ):
        with pytest.raises(EngineUnavailable, match=said) as raised:
            LdduEngine(replace(config, **changed)).load()
        assert "\n" not in str(raised.value)


def test_a_missing_package_is_said(config: LdduConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "PACKAGES", ("torch_that_nobody_has",))
    with pytest.raises(
        EngineUnavailable, match="torch_that_nobody_has is not installed: make install-models"
    ):
        LdduEngine(config).load()


def test_an_engine_that_was_not_loaded_says_so() -> None:
    with pytest.raises(EngineUnavailable, match="not loaded"):
        LdduEngine(LdduConfig()).analyze(clip(), ASKED, decode_ms=0)
