from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.base import DecodedClip, EngineFailed, EngineUnavailable, Look
from models.lddu.features import LOOKS, Extractor, load_extractor
from models.lddu.memory import Seen
from models.lddu.sound import AudioTower
from models.lddu.vision import VisionTower
from tests import media
from tests.models.conftest import clip_of, voice
from tests.models.lddu.conftest import CPU


@pytest.fixture
def extractor(vision: VisionTower, audio: AudioTower) -> Extractor:
    return Extractor(vision, audio)


def clip(n: int = 5, *, seconds: float = 5.0, start: float = 0.0) -> DecodedClip:
    silent = clip_of(media.faceless_frames(n, (64, 48)), start=start)
    if not seconds:
        return silent
    return replace(silent, waveform=voice(seconds=seconds, swing=2), has_audio=True)


def test_a_clip_has_a_vector_a_look_and_steps_of_its_sound(extractor: Extractor) -> None:
    found = extractor(clip(), Seen())
    assert {name: each.shape for name, each in found.items()} == {"vision": (5, 16), "audio": (60, 16)}
    assert extractor.widths == {"vision": 16, "audio": 16}


def test_long_clips_are_of_eight_looks(extractor: Extractor) -> None:
    assert len(extractor(clip(20), Seen())["vision"]) == LOOKS


def test_what_a_clip_lacks_is_missing_and_not_zero(extractor: Extractor) -> None:
    assert set(extractor(clip(seconds=0), Seen())) == {"vision"}
    muted = replace(clip(), waveform=np.zeros(80_000, dtype=np.float32))
    assert set(extractor(muted, Seen())) == {"vision"}
    assert set(extractor(replace(clip(), looks=[]), Seen())) == {"audio"}
    assert extractor(replace(clip(seconds=0), looks=[]), Seen()) == {}


def test_windows_that_overlap_look_at_a_frame_once(
    vision: VisionTower, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    pixels = VisionTower.pixels

    def counted(self: VisionTower, picture: np.ndarray) -> np.ndarray:
        looked.append(int(picture[0, 0, 0]))
        return pixels(self, picture)

    monkeypatch.setattr(VisionTower, "pixels", counted)
    extractor, seen = Extractor(vision, None), Seen()
    frames = media.faceless_frames(7, (64, 48))
    looks = [Look(time=10.0 + at, rgb=frame) for at, frame in enumerate(frames)]
    for at in range(3):
        window = replace(clip(seconds=0), looks=looks[at : at + 5], start=10.0 + at, end=14.0 + at)
        found = extractor(window, seen)["vision"]
        assert np.allclose(found, vision([look.rgb for look in window.looks]), atol=1e-5)
        del looked[-5:]  # of the comparison
    assert len(looked) == 7


def test_looks_of_another_part_of_the_session_are_left_out(extractor: Extractor) -> None:
    seen = Seen()
    extractor(clip(5, start=0.0), seen)
    assert len(extractor(clip(3, start=20.0), seen)["vision"]) == 3


def test_features_that_are_no_numbers_are_never_given(
    extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AudioTower, "__call__", lambda self, wave: np.full((3, 16), np.nan, np.float32))
    with pytest.raises(EngineFailed, match="audio features are not all finite"):
        extractor(clip(), Seen())
    broken = replace(clip(), waveform=np.full(80_000, np.inf, dtype=np.float32))
    with pytest.raises(EngineFailed, match="samples are not all finite"):
        extractor(broken, Seen())


def test_only_the_towers_that_are_asked_for_are_loaded(vision_path: Path) -> None:
    heard: list[float] = []
    extractor = load_extractor(["vision"], vision_path, None, CPU, heard.append)
    assert set(extractor.widths) == set(extractor.towers) == {"vision"}
    assert heard == sorted(heard) and len(heard) >= 2
    with pytest.raises(EngineUnavailable, match="LDDU_AUDIO_PATH"):
        load_extractor(["vision", "audio"], vision_path, None, CPU)
