"""MP4s of clips: what is in them, that they begin with their index, and that sound stays with the picture."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.transcode import UNREADABLE, Unreadable, transcode
from tests import media

ROOT = Path(__file__).parent.parent.parent
FRAMES = 30


@pytest.fixture(scope="module")
def wav(tmp_path_factory):
    return media.speech_wav(tmp_path_factory.mktemp("speech") / "speech.wav")


@pytest.fixture
def clip(tmp_path, wav):
    def make(codec, size=(160, 120), sound=True):
        path = tmp_path / f"clip-{codec}"
        frames = media.astronaut_frames(FRAMES, size, face=60)
        path.write_bytes(media.encode_clip(frames, 15, codec, wav if sound else None))
        return path

    return make


def tracks(path):
    with av.open(str(path)) as file:
        return {
            stream.type: (
                stream.codec_context.name,
                [float(p.pts * p.time_base) for p in file.demux(stream) if p.size],
            )
            for stream in file.streams
            if file.seek(0) is None
        }


@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_any_clip_becomes_h264_and_aac_with_every_frame_at_its_moment(clip, tmp_path, codec):
    source, made = clip(codec), tmp_path / "made.mp4"
    transcode(source, made)
    before, after = tracks(source), tracks(made)
    assert (after["video"][0], after["audio"][0]) == ("h264", "aac")
    assert sorted(after["video"][1]) == pytest.approx(sorted(before["video"][1]), abs=0.002)
    assert after["audio"][1][-1] == pytest.approx(before["audio"][1][-1], abs=0.08)


def test_the_index_comes_first_so_that_it_plays_while_it_loads(clip, tmp_path):
    made = tmp_path / "made.mp4"
    transcode(clip("vp8"), made)
    data = made.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_h264_is_copied_not_encoded_again(clip, tmp_path):
    source, made = clip("h264", sound=False), tmp_path / "made.mp4"
    transcode(source, made)
    with av.open(str(source)) as before, av.open(str(made)) as after:
        sizes = [[p.size for p in file.demux(video=0) if p.size] for file in (before, after)]
    assert sizes[0] == sizes[1]


def test_odd_sizes_are_rounded_up(clip, tmp_path):
    made = tmp_path / "made.mp4"
    transcode(clip("vp8", (161, 121)), made)
    with av.open(str(made)) as file:
        assert (file.streams.video[0].width, file.streams.video[0].height) == (162, 122)


def test_sound_alone_becomes_aac(wav, tmp_path):
    made = tmp_path / "made.mp4"
    transcode(wav, made)
    assert list(tracks(made)) == ["audio"]


def test_missing_sound_becomes_silence_of_the_same_length(tmp_path):
    source, made = tmp_path / "gap.mkv", tmp_path / "made.mp4"
    with av.open(str(source), "w", format="matroska") as file:
        stream = file.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for begins in (0, 3 * 48_000):
            loud = (8000 * np.sin(np.arange(48_000) / 20)).astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(loud, "s16", "mono")
            frame.sample_rate, frame.pts = 48_000, begins
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    transcode(source, made)
    with av.open(str(made)) as file:
        sound = np.concatenate([frame.to_ndarray() for frame in file.decode(audio=0)], axis=1)[0]
    assert len(sound) / 48_000 == pytest.approx(4, abs=0.1)
    loud = [np.abs(sound[round(at * 48_000) :][:4800]).mean() > 0.05 for at in (0.5, 1.5, 2.5, 3.5)]
    assert loud == [True, False, False, True]


@pytest.mark.parametrize("data", [b"", b"no clip at all", b"\x1a\x45\xdf\xa3" + bytes(200)])
def test_what_is_no_clip_is_unreadable(tmp_path, data):
    (tmp_path / "x.webm").write_bytes(data)
    with pytest.raises(Unreadable) as error:
        transcode(tmp_path / "x.webm", tmp_path / "made.mp4")
    assert str(tmp_path) not in str(error.value)


def test_a_damaged_clip_gives_what_can_be_read_of_it(clip, tmp_path):
    source, made = clip("vp8"), tmp_path / "made.mp4"
    data = source.read_bytes()
    source.write_bytes(data[: len(data) // 2])
    transcode(source, made)
    assert 0 < len(tracks(made)["video"][1]) <= FRAMES


def test_the_program_says_in_its_status_that_a_file_is_unreadable(tmp_path):
    (tmp_path / "x.webm").write_bytes(b"x")
    command = [sys.executable, "-m", "pipeline.transcode", str(tmp_path / "x.webm"), str(tmp_path / "made")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert ended.returncode == UNREADABLE and ended.stderr.count("\n") == 1
