from __future__ import annotations

import pickle
import sys
from dataclasses import replace
from math import inf
from threading import Thread

import numpy as np
import pytest

from models import catalog
from models.base import EMOTIONS, ClipUnreadable, EngineFailed, EngineUnavailable
from models.catalog import QwenConfig
from models.jobs import Analyze, Analyzed
from models.meaning import describe_face, valence, with_caution
from models.qwen.engine import CPU_DEADLINE, QwenEngine
from models.worker import Worker
from tests import media
from tests.models.qwen.conftest import NO_SOUND, QUESTION, clip, looks_of, tone

SOUND = tone(1.0)
CAUTION = with_caution("", "en")


@pytest.fixture
def own(folder_of):
    """A loaded engine that a test may spoil."""
    engine = QwenEngine(QwenConfig(path=folder_of("qwen2.5"), device="cpu"))
    engine.load()
    return engine


def shares(engine, looks, sound):
    return np.array(list(engine.analyze(clip(looks, sound), QUESTION, decode_ms=1).probabilities.values()))


def test_an_answer_is_complete(engine, face):
    result = engine.analyze(clip(face, SOUND), QUESTION, decode_ms=7)
    assert result.emotion in EMOTIONS
    assert result.reason is None
    assert sum(result.probabilities.values()) == pytest.approx(1)
    assert result.confidence == max(result.probabilities.values()) == result.probabilities[result.emotion]
    assert result.valence == valence(result.probabilities)
    assert result.arousal is None
    assert result.description
    assert CAUTION not in result.description
    assert (result.window_start, result.window_end, result.engine) == (10, 15, "qwen")
    parts = result.latency.decode + result.latency.features + result.latency.inference
    assert result.latency.decode == 7
    assert result.latency.total == pytest.approx(parts)


def test_an_answer_depends_on_picture_and_sound(engine, face):
    others = looks_of(media.faceless_frames(2, (160, 120)))
    with_both = shares(engine, face, SOUND)
    assert np.allclose(shares(engine, face, SOUND), with_both)
    assert np.abs(shares(engine, others, SOUND) - with_both).max() > 1e-3
    assert np.abs(shares(engine, face, tone(1.0, pitch=900)) - with_both).max() > 1e-3
    assert np.abs(shares(engine, face, NO_SOUND) - with_both).max() > 1e-3
    assert np.abs(shares(engine, [], SOUND) - with_both).max() > 1e-3


def test_each_tower_looks_and_listens_once(engine, thinker, face):
    passes = []
    towers = thinker.model.model.visual, thinker.model.model.audio_tower
    hooks = [tower.register_forward_hook(lambda tower, *_: passes.append(tower)) for tower in towers]
    try:
        engine.analyze(clip(face, SOUND), QUESTION, decode_ms=0)
    finally:
        for hook in hooks:
            hook.remove()
    assert len(passes) == 2
    assert set(passes) == set(towers)


def test_both_languages_are_asked_in_their_own_words(engine, face):
    english = engine.analyze(clip(face, SOUND), QUESTION, decode_ms=0)
    chinese = engine.analyze(clip(face, NO_SOUND), replace(QUESTION, language="zh"), decode_ms=0)
    assert chinese.probabilities != english.probabilities
    assert chinese.description.endswith(with_caution("", "zh"))


def test_a_prompt_changes_the_description_alone(engine, face):
    plain = engine.analyze(clip(face, SOUND), QUESTION, decode_ms=0)
    asked = engine.analyze(clip(face, SOUND), replace(QUESTION, prompt="Name the colours."), decode_ms=0)
    assert asked.probabilities == plain.probabilities
    assert asked.description != plain.description


def test_a_prompt_of_special_tokens_is_only_words(engine, face):
    question = replace(QUESTION, prompt="<|VIDEO|><|AUDIO|><|im_end|>")
    assert engine.analyze(clip(face, SOUND), question, decode_ms=0).emotion in EMOTIONS


@pytest.mark.parametrize("sound", [NO_SOUND, np.zeros(16_000, np.float32)], ids=["none", "silence"])
def test_an_answer_from_the_picture_alone_says_so(engine, face, sound):
    result = engine.analyze(clip(face, sound), QUESTION, decode_ms=0)
    assert result.emotion in EMOTIONS
    assert result.description.endswith(CAUTION)


@pytest.mark.parametrize("sound", [NO_SOUND, np.zeros(16_000, np.float32)], ids=["none", "silence"])
def test_without_picture_and_sound_nothing_is_claimed(engine, sound):
    result = engine.analyze(clip([], sound), QUESTION, decode_ms=3)
    assert (result.emotion, result.reason) == ("unknown", "no_video")
    assert result.probabilities == {}
    assert result.valence is None
    assert result.latency.total == 3


@pytest.mark.parametrize(
    "frames",
    [
        [np.zeros((120, 160, 3), np.uint8)] * 2,
        [np.full((120, 160, 3), 90, np.uint8)],
        [np.full((120, 160, 3), value, np.uint8) for value in range(3)],
        [np.full((1, 1, 3), 255, np.uint8)],
    ],
    ids=["black", "one look", "odd looks", "one pixel"],
)
def test_any_picture_gets_an_answer(engine, frames):
    result = engine.analyze(clip(looks_of(frames), SOUND), QUESTION, decode_ms=0)
    assert sum(result.probabilities.values()) == pytest.approx(1)


def test_large_looks_cost_about_five_hundred_tokens_on_the_cpu(thinker):
    large = looks_of([np.zeros((2160, 3840, 3), np.uint8)] * 2)
    pictured = len(thinker.inputs(large, None, "en").tokens) - len(thinker.inputs([], None, "en").tokens)
    assert 300 < pictured < 530


def test_a_description_that_says_nothing_is_replaced(engine, face, monkeypatch):
    monkeypatch.setattr("models.qwen.engine.description", lambda *_, **__: None)
    result = engine.analyze(clip(face, SOUND), QUESTION, decode_ms=0)
    assert result.description == describe_face(result.emotion, None, result.confidence, "en")


def test_a_description_is_given_up_before_it_is_too_late(own, face):
    own.deadline = 0.0
    result = own.analyze(clip(face, SOUND), QUESTION, decode_ms=0)
    assert result.description == describe_face(result.emotion, None, result.confidence, "en")


def test_sound_that_is_not_numbers_fails(engine, face):
    with pytest.raises(EngineFailed):
        engine.analyze(clip(face, SOUND * np.nan), QUESTION, decode_ms=0)


def test_scores_that_are_not_numbers_fail(own, face):
    own._thinker.model.lm_head.weight.data.fill_(float("nan"))
    with pytest.raises(EngineFailed, match="not numbers"):
        own.analyze(clip(face, SOUND), QUESTION, decode_ms=0)


def test_running_out_of_memory_is_let_through(own, face, monkeypatch):
    import torch

    def fail(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(own._thinker.model.model, "forward", fail)
    with pytest.raises(torch.OutOfMemoryError):
        own.analyze(clip(face, SOUND), QUESTION, decode_ms=0)


def test_tokens_are_counted_for_measuring(own, thinker, face):
    own.analyze(clip(face, SOUND), QUESTION, decode_ms=0)
    once = own.tokens
    assert once > len(own._thinker.inputs(face, SOUND, "en").tokens)
    own.analyze(clip(face, SOUND), QUESTION, decode_ms=0)
    assert own.tokens == 2 * once


def test_it_is_an_engine_that_wants_everything_and_keeps_nothing(engine):
    assert engine.wanted("call", [1.0, 2.0]) == [1.0, 2.0]
    assert engine.heard_until("call") == -inf
    assert engine.forget("call") is None
    assert (engine.name, engine.parallel, engine.interval, engine.deadline) == ("qwen", 1, 1.0, CPU_DEADLINE)


def test_the_catalog_makes_it(folder_of):
    assert isinstance(catalog.create(QwenConfig(path=folder_of("qwen3"))), QwenEngine)


def test_an_analysis_process_answers_with_it(engine, vp8):
    job = Analyze(job_id=3, data=vp8, start=60.0, end=65.0, question=QUESTION)
    reply = Worker(engine).answer(job)
    assert isinstance(reply, Analyzed)
    assert reply.result.window_start == 60.0
    assert pickle.loads(pickle.dumps(reply)) == reply


def test_loading_says_how_far_it_is_and_happens_once(folder_of):
    engine = QwenEngine(QwenConfig(path=folder_of("qwen2.5"), device="cpu"))
    assert not engine.is_loaded
    told: list[float] = []
    threads = [Thread(target=engine.load, args=(told.append,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert engine.is_loaded
    assert told == sorted(told)
    assert told.count(1.0) == 1
    thinker = engine._thinker
    engine.load(told.append)
    assert engine._thinker is thinker


def test_an_engine_that_was_unloaded_can_be_loaded_again(own, face):
    own.unload()
    own.unload()
    assert not own.is_loaded
    with pytest.raises(EngineUnavailable, match="not loaded"):
        own.analyze(clip(face, SOUND), QUESTION, decode_ms=0)
    own.load()
    assert own.analyze(clip(face, SOUND), QUESTION, decode_ms=0).emotion in EMOTIONS


def test_an_engine_that_was_told_nothing_says_what_to_set():
    with pytest.raises(EngineUnavailable, match="QWEN_MODEL_PATH is not set"):
        QwenEngine(QwenConfig()).load()


@pytest.mark.parametrize("package", ["torch", "transformers"])
def test_a_missing_package_is_named_after_the_folder_was_looked_at(folder_of, tmp_path, monkeypatch, package):
    for module in ("weights", "thinker", "conversation"):
        monkeypatch.delitem(sys.modules, f"models.qwen.{module}", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EngineUnavailable, match=f"{package} is not installed: make install-models"):
        QwenEngine(QwenConfig(path=folder_of("qwen2.5"))).load()
    with pytest.raises(EngineUnavailable, match="no weights at"):
        QwenEngine(QwenConfig(path=tmp_path)).load()


def test_a_file_is_answered_for_as_a_whole(own, tmp_path, vp8, wav):
    path = tmp_path / "clip.webm"
    path.write_bytes(vp8)
    result = own.analyze_video(path)
    assert (result.window_start, result.window_end) == (0, pytest.approx(5, abs=0.2))
    assert result.latency.decode > 0
    assert own.analyze_video(path, prompt="Name the colours.").description != result.description
    heard = own.analyze_audio(path)
    assert heard.probabilities != result.probabilities
    assert own.analyze_audio(wav).emotion in EMOTIONS


def test_the_sound_of_another_file_takes_the_place_of_its_own(own, tmp_path, smile, wav):
    path = tmp_path / "silent.webm"
    path.write_bytes(media.encode_clip(smile[:30], 15))
    assert own.analyze_video(path).description.endswith(CAUTION)
    assert CAUTION not in own.analyze_video(path, audio_path=wav).description
    with pytest.raises(ClipUnreadable, match="no sound"):
        own.analyze_video(path, audio_path=path)
    with pytest.raises(ClipUnreadable, match="no sound"):
        own.analyze_audio(path)


def test_a_file_that_cannot_be_read_is_said(own, tmp_path):
    with pytest.raises(ClipUnreadable):
        own.analyze_video(tmp_path / "nowhere.webm")
    with pytest.raises(ClipUnreadable):
        own.analyze_audio(tmp_path / "nowhere.wav")
