from __future__ import annotations

import wave

import numpy as np
import pytest

from models.base import SAMPLE_RATE, ClipUnreadable
from models.qwen.recording import recording, sound_of, with_sound
from tests import media
from tests.models.qwen.conftest import tone


def write_wav(path, waveform):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((waveform * 32767).astype(np.int16).tobytes())
    return path


@pytest.fixture(scope="module")
def seven_seconds(tmp_path_factory, smile, wav):
    path = tmp_path_factory.mktemp("recording") / "clip.webm"
    path.write_bytes(media.encode_clip(smile, 15, "vp8", wav))
    return path


@pytest.mark.slow
def test_a_file_is_one_clip_however_many_windows_it_has(seven_seconds):
    clip = recording(seven_seconds)
    assert len(clip.looks) in (7, 8)
    assert [look.time for look in clip.looks] == sorted(look.time for look in clip.looks)
    assert clip.end == pytest.approx(7, abs=0.2)
    assert len(clip.waveform) == pytest.approx(7 * SAMPLE_RATE, rel=0.03)
    assert clip.has_video
    assert clip.has_audio


def test_no_more_than_half_a_minute_is_taken(tmp_path):
    clip = recording(write_wav(tmp_path / "long.wav", tone(47.0)))
    assert clip.end == 30.0
    assert len(clip.waveform) == 30 * SAMPLE_RATE


def test_the_sound_of_one_file_goes_with_the_pictures_of_another(seven_seconds, tmp_path):
    heard = sound_of(write_wav(tmp_path / "tone.wav", tone(9.0)))
    clip = with_sound(recording(seven_seconds), heard)
    assert clip.end == heard.end == pytest.approx(9, abs=0.1)
    assert len(clip.looks) in (7, 8)
    assert np.array_equal(clip.waveform, heard.waveform)


def test_a_file_without_sound_has_none_to_give(tmp_path, smile):
    path = tmp_path / "silent.webm"
    path.write_bytes(media.encode_clip(smile[:30], 15))
    assert not recording(path).has_audio
    with pytest.raises(ClipUnreadable, match="no sound"):
        sound_of(path)


def test_what_is_no_media_file_is_said(tmp_path):
    path = tmp_path / "text.webm"
    path.write_text("hello")
    with pytest.raises(ClipUnreadable):
        recording(path)
    with pytest.raises(ClipUnreadable):
        recording(tmp_path / "nowhere.webm")
