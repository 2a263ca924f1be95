from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration

from models.base import SAMPLE_RATE, EngineUnavailable
from models.lddu.sound import STEPS, AudioTower
from tests.models.conftest import voice
from tests.models.lddu.conftest import CPU


def test_thirty_seconds_are_what_whisper_makes_of_them_averaged(
    audio: AudioTower, whisper: WhisperForConditionalGeneration
) -> None:
    sound = voice(seconds=30, swing=3)
    mel = WhisperFeatureExtractor(feature_size=80)(sound, sampling_rate=SAMPLE_RATE, return_tensors="pt")
    with torch.inference_mode():
        states = whisper.model.encoder(mel.input_features).last_hidden_state[0].numpy()
    expected = states.reshape(STEPS, -1, audio.width).mean(axis=1)
    assert np.allclose(audio(sound), expected, atol=1e-4)


def test_short_sound_has_fifty_steps_a_second_and_none_of_padding(audio: AudioTower) -> None:
    found = audio(voice(seconds=1, swing=3))
    assert found is not None and found.shape == (50, audio.width) and found.dtype == np.float32
    longer = audio(voice(seconds=5, swing=3))
    assert longer is not None and longer.shape == (STEPS, audio.width)


def test_of_sound_that_is_too_long_the_newest_is_heard(audio: AudioTower) -> None:
    sound = voice(seconds=33, swing=3)
    assert np.array_equal(audio(sound), audio(sound[-30 * SAMPLE_RATE :]))


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros(5 * SAMPLE_RATE), np.ones(SAMPLE_RATE // 20)])
def test_no_sound_has_no_steps(audio: AudioTower, sound: np.ndarray) -> None:
    assert audio(sound.astype(np.float32)) is None


def test_a_folder_without_a_head_and_without_preprocessing_is_the_same_tower(
    audio: AudioTower, whisper: WhisperForConditionalGeneration, tmp_path: Path
) -> None:
    whisper.model.save_pretrained(tmp_path)
    alone = AudioTower(tmp_path, CPU)
    assert alone.fingerprint == audio.fingerprint
    sound = voice(seconds=1, swing=3)
    assert np.array_equal(alone(sound), audio(sound))


def test_what_is_no_whisper_is_refused_with_what_to_do(vision_path: Path, tmp_path: Path) -> None:
    for folder, said in (
        (None, "no folder with Whisper weights"),
        (tmp_path / "nowhere", "is no folder with Whisper weights"),
        (vision_path, "holds siglip, not Whisper"),
    ):
        with pytest.raises(EngineUnavailable, match=f"{said}.*python -m models download whisper"):
            AudioTower(folder, CPU)


def test_preprocessing_that_cannot_be_read_is_said(audio_path: Path, tmp_path: Path) -> None:
    for file in audio_path.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "preprocessor_config.json").write_text("{")
    with pytest.raises(EngineUnavailable, match="cannot be read"):
        AudioTower(tmp_path, CPU)
