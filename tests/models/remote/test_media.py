from __future__ import annotations

import wave
from base64 import b64decode
from io import BytesIO

import av
import numpy as np
import pytest

from models.base import SAMPLE_RATE, Look
from models.remote.media import parts, picture_of, sound_of
from tests.models.conftest import clip_of
from tests.models.remote.conftest import BLUE, RED, shown


def decoded(mp4):
    with av.open(BytesIO(mp4)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.average_rate and 0 < stream.average_rate < 100
        return [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(stream)]


def test_looks_keep_their_times_and_colours():
    frames = [np.full((48, 64, 3), colour, dtype=np.uint8) for colour in (RED, BLUE, RED)]
    clip = clip_of(frames, start=100.0, apart=1.3)
    pictures = decoded(picture_of(clip))
    assert [time for time, _ in pictures] == pytest.approx([0.0, 1.3, 2.6], abs=1e-3)
    for (_, picture), frame in zip(pictures, frames, strict=True):
        assert np.abs(picture.astype(int) - frame).mean() < 8


@pytest.mark.parametrize(
    ("given", "sent"), [((1920, 1080), (640, 360)), ((100, 75), (100, 76)), ((3, 1000), (2, 640))]
)
def test_pictures_are_made_small_and_even(given, sent):
    for _, picture in decoded(picture_of(shown(looks=2, size=given))):
        assert picture.shape == (sent[1], sent[0], 3)


def test_at_most_eight_looks_are_sent_the_first_and_last_among_them():
    frames = [np.full((32, 32, 3), 10 * at, dtype=np.uint8) for at in range(21)]
    pictures = decoded(picture_of(clip_of(frames)))
    assert len(pictures) == 8
    assert [round(picture.mean() / 10) for _, picture in pictures] == [0, 3, 6, 9, 11, 14, 17, 20]


def test_a_call_that_turns_its_picture_is_fitted_into_the_last_shape():
    wide, tall = np.full((48, 64, 3), RED, dtype=np.uint8), np.full((64, 48, 3), RED, dtype=np.uint8)
    first, last = (picture for _, picture in decoded(picture_of(clip_of([wide, tall]))))
    assert first.shape == last.shape == (64, 48, 3)
    assert first[2].mean() < 20 < first[32].mean()


def test_a_look_alone_is_shown_for_a_second():
    assert [time for time, _ in decoded(picture_of(shown(looks=1)))] == [0.0, 1.0]


def test_looks_at_one_time_are_all_sent():
    looks = [Look(time=1.0, rgb=np.zeros((32, 32, 3), dtype=np.uint8))] * 3
    clip = shown(looks=0)
    object.__setattr__(clip, "looks", looks)
    assert len(decoded(picture_of(clip))) == 3


def test_sound_is_sent_as_a_16_bit_wav_of_its_own_loudness():
    clip = shown(loud=0.5)
    with wave.open(BytesIO(sound_of(clip))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, SAMPLE_RATE)
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32767
    assert samples == pytest.approx(clip.waveform, abs=1e-4)


def test_nothing_is_made_of_no_picture_no_sound_silence_and_a_mere_click():
    assert picture_of(shown(looks=0)) is None
    for waveform in (np.zeros(0), np.zeros(16000), np.full(16000, 5e-4), np.ones(100)):
        clip = shown()
        object.__setattr__(clip, "waveform", waveform.astype(np.float32))
        assert sound_of(clip) is None


def test_picture_and_sound_are_parts_of_their_own_before_the_text():
    video, audio, text = parts(b"mp4", b"wav", "What?")
    assert video["type"] == "video_url"
    assert b64decode(video["video_url"]["url"].removeprefix("data:video/mp4;base64,")) == b"mp4"
    assert audio["input_audio"]["format"] == "wav" and b64decode(audio["input_audio"]["data"]) == b"wav"
    assert text == {"type": "text", "text": "What?"}
    assert [part["type"] for part in parts(b"mp4", None, "What?")] == ["video_url", "text"]
