from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from models.base import EMOTIONS, DecodedClip, EmotionResult, EngineUnavailable, Look, Question
from models.catalog import EmbeddedConfig
from models.decode import decode_clip
from models.embedded.engine import EmbeddedEngine
from models.embedded.fusion import Seen, fuse
from models.embedded.network import Network
from models.memory import KEPT
from tests import media
from tests.models.conftest import clip_of, voice


def ask(
    engine: EmbeddedEngine, data: bytes, start: float, end: float, session_id: str = "a"
) -> EmotionResult:
    clip = decode_clip(
        data,
        start=start,
        end=end,
        wanted=lambda times: engine.wanted(session_id, times),
        heard_until=engine.heard_until(session_id),
    )
    return engine.analyze(clip, Question(session_id=session_id), decode_ms=1.0)


@pytest.mark.slow
def test_a_smile_with_speech_is_happy(engine: EmbeddedEngine, vp8: bytes, h264: bytes) -> None:
    for at, data in enumerate((vp8, h264)):
        result = ask(engine, data, 50.0, 55.0, f"session {at}")
        assert (result.emotion, result.reason, result.engine) == ("happy", None, "embedded")
        assert list(result.probabilities) == list(EMOTIONS)
        assert sum(result.probabilities.values()) == pytest.approx(1)
        assert result.confidence == result.probabilities["happy"] > 0.6
        assert result.valence is not None and result.valence > 0.4
        assert result.arousal is not None and -1 < result.arousal < 1
        assert "smiling" in result.description
        assert (result.window_start, result.window_end) == (50.0, 55.0)
        latency = result.latency
        assert min(latency.features, latency.inference) > 0
        assert latency.total == pytest.approx(latency.decode + latency.features + latency.inference)


@pytest.mark.slow
def test_each_frame_and_each_second_of_sound_is_looked_at_once(
    engine: EmbeddedEngine, smile: list[media.Frame], wav: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Counter[int] = Counter()
    run = Network.__call__

    def counted(self: Network, image: np.ndarray) -> list[np.ndarray]:
        calls[image.shape[0]] += 1
        return run(self, image)

    monkeypatch.setattr(Network, "__call__", counted)
    for at in range(3):
        first, last = at * 15, (at + 5) * 15
        window = media.encode_clip(smile[first:last], 15, "vp8", wav)
        assert ask(engine, window, 7.0003 + at * 1.0001, 12.0 + at).emotion == "happy"
        assert calls == {128: 5 + at, 192: 5 + at, 200: 5 + at, 64: 5 + at}
    assert engine.heard_until("a") == pytest.approx(14.0, abs=0.1)


def test_a_repeated_window_costs_no_network(
    engine: EmbeddedEngine, vp8: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ask(engine, vp8, 0.0, 5.0)

    def never(self: Network, image: np.ndarray) -> list[np.ndarray]:
        raise AssertionError("looked again")

    monkeypatch.setattr(Network, "__call__", never)
    again = ask(engine, vp8, 0.0, 5.0)
    assert again.probabilities == first.probabilities


def test_sessions_do_not_see_each_other(engine: EmbeddedEngine) -> None:
    smile = clip_of(media.astronaut_frames(2))
    nobody = clip_of(media.faceless_frames(2))
    assert engine.analyze(smile, Question(session_id="a"), decode_ms=0).emotion == "happy"
    assert engine.analyze(nobody, Question(session_id="b"), decode_ms=0).emotion == "unknown"
    assert engine.wanted("a", [0.0]) == []
    engine.forget("a")
    assert engine.wanted("a", [0.0]) == [0.0]


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        (media.faceless_frames(1), "no_face"),
        (media.astronaut_frames(1, face=40), "face_too_small"),
        (media.astronaut_frames(1, brightness=0.1), "too_dark"),
        ([np.zeros((480, 640, 3), dtype=np.uint8)], "too_dark"),
        ([], "no_video"),
    ],
)
def test_unknown_comes_with_its_reason(
    engine: EmbeddedEngine, frames: list[media.Frame], reason: str
) -> None:
    result = engine.analyze(clip_of(frames), Question(session_id="a"), decode_ms=0)
    assert (result.emotion, result.reason, result.confidence) == ("unknown", reason, 0)
    assert (result.probabilities, result.valence, result.arousal) == ({}, None, None)


def test_the_face_is_said_where_it_is_in_shares_of_the_picture(engine: EmbeddedEngine) -> None:
    for session, width in (("wide", 640), ("narrow", 480)):
        frame = media.astronaut_frames(1, (width, 480))[0]
        face = engine.analyze(clip_of([frame]), Question(session_id=session), decode_ms=0).face
        assert face is not None
        assert face.x + face.width / 2 == pytest.approx(0.5, abs=0.06)
        assert face.y + face.height / 2 == pytest.approx(0.5, abs=0.08)
        assert 140 < face.width * width < 280 and 140 < face.height * 480 < 280


def test_the_face_is_said_while_it_cannot_be_read_and_not_when_none_is_there(engine: EmbeddedEngine) -> None:
    small = engine.analyze(clip_of(media.astronaut_frames(1, face=40)), Question(session_id="a"), decode_ms=0)
    assert small.reason == "face_too_small" and small.face is not None and small.face.width < 0.1
    nobody = engine.analyze(clip_of(media.faceless_frames(1)), Question(session_id="b"), decode_ms=0)
    assert nobody.face is None


def test_a_face_that_left_is_not_happy_any_more(engine: EmbeddedEngine) -> None:
    frames = [*media.astronaut_frames(3), *media.faceless_frames(2)]
    labels = [
        engine.analyze(clip_of(frames[: at + 1]), Question(session_id="a"), decode_ms=0).emotion
        for at in range(5)
    ]
    assert labels == ["happy", "happy", "happy", "happy", "unknown"]


def test_the_voice_is_heard_without_a_picture(engine: EmbeddedEngine) -> None:
    sound = voice(seconds=5, swing=8)
    clip = DecodedClip(
        looks=[], waveform=sound, waveform_start=0.0, start=0.0, end=5.0, has_video=False, has_audio=True
    )  # fmt: skip
    result = engine.analyze(clip, Question(session_id="a"), decode_ms=0)
    assert (result.emotion, result.reason) == ("unknown", "no_video")
    assert result.arousal is not None and result.arousal > 0.3
    assert "lively voice" in result.description


def test_sound_given_twice_is_heard_once(engine: EmbeddedEngine) -> None:
    sound = voice(seconds=5, swing=3)
    for first, start in ((0, 0.0), (16_000, 1.0)):
        clip = DecodedClip(
            looks=[], waveform=sound[first:], waveform_start=start, start=start, end=5.0,
            has_video=False, has_audio=True,
        )  # fmt: skip
        engine.analyze(clip, Question(session_id="a"), decode_ms=0)
    times = engine._memory.of("a").voice.times
    assert np.diff(times) == pytest.approx(0.01)


def test_a_long_call_is_remembered_in_bounds(engine: EmbeddedEngine) -> None:
    frame = np.zeros((48, 64, 3), dtype=np.uint8)
    sound = voice(seconds=1, swing=2)
    for at in range(60):
        look = clip_of([frame], start=float(at)).looks
        clip = DecodedClip(
            looks=look, waveform=sound, waveform_start=float(at), start=max(0.0, at - 4.0), end=at + 1.0,
            has_video=True, has_audio=True,
        )  # fmt: skip
        engine.analyze(clip, Question(session_id="a"), decode_ms=0)
    memory = engine._memory.of("a")
    assert 5 <= len(memory.seen) <= KEPT + 2
    assert 500 <= len(memory.voice.times) <= 100 * (KEPT + 2)


def test_an_engine_that_was_not_loaded_does_not_answer() -> None:
    with pytest.raises(EngineUnavailable):
        EmbeddedEngine().analyze(clip_of([]), Question(session_id="a"), decode_ms=0)


@pytest.mark.parametrize("looks_per_second", [1, 5])
def test_a_quick_change_shows_within_a_second(looks_per_second: int) -> None:
    engine = EmbeddedEngine(EmbeddedConfig(looks_per_second=looks_per_second))
    memory = engine._memory.of("a")
    happy, sad = (np.eye(7)[EMOTIONS.index(name)] * 0.6 + 0.4 / 7 for name in ("happy", "sad"))
    for at in range(4 * looks_per_second):
        memory.seen.append(Seen(time=at / looks_per_second, probabilities=happy))
    for at in range(looks_per_second):
        memory.seen.append(Seen(time=4 + (at + 1) / looks_per_second, probabilities=sad))
    assert EMOTIONS[int(fuse(memory.seen, 0.0, 5.0).argmax())] == "sad"


def test_one_odd_look_of_five_in_a_second_does_not_flip_the_label() -> None:
    happy, sad = (np.eye(7)[EMOTIONS.index(name)] * 0.6 + 0.4 / 7 for name in ("happy", "sad"))
    seen = [Seen(time=at / 5, probabilities=sad if at == 24 else happy) for at in range(25)]
    assert EMOTIONS[int(fuse(seen, 0.0, 5.0).argmax())] == "happy"


def test_silence_and_a_black_picture_give_an_answer_with_a_reason(engine: EmbeddedEngine) -> None:
    clip = DecodedClip(
        looks=[Look(time=1.0, rgb=np.zeros((48, 64, 3), dtype=np.uint8))],
        waveform=np.zeros(80_000, dtype=np.float32),
        waveform_start=0.0, start=0.0, end=2.0, has_video=True, has_audio=True,
    )  # fmt: skip
    result = engine.analyze(clip, Question(session_id="a"), decode_ms=0)
    assert (result.emotion, result.reason, result.arousal) == ("unknown", "too_dark", None)


def test_broken_sound_says_nothing_of_the_voice(engine: EmbeddedEngine) -> None:
    clip = DecodedClip(
        looks=[], waveform=np.full(80_000, np.nan, dtype=np.float32),
        waveform_start=0.0, start=0.0, end=5.0, has_video=False, has_audio=True,
    )  # fmt: skip
    result = engine.analyze(clip, Question(session_id="a"), decode_ms=0)
    assert result.arousal is None


def test_the_description_is_in_the_language_asked_for(engine: EmbeddedEngine) -> None:
    question = Question(session_id="a", language="zh")
    assert "在微笑" in engine.analyze(clip_of(media.astronaut_frames(2)), question, decode_ms=0).description
