"""The muxer: what it gives plays to its end, wherever it is broken off, and its memory does not grow."""

from __future__ import annotations

import io
import subprocess
import tracemalloc
from dataclasses import replace

import av
import psutil
import pytest

from pipeline.finish import Unreadable, finish
from pipeline.muxer import muxer
from tests.pipeline.frames import real

CODECS = pytest.mark.parametrize("codec", ["vp8", "h264"])


def in_order(codec, seconds=8.0):
    """Frames as they come, from the first keyframe on."""
    video, audio = real(codec, seconds)
    return sorted((f for f in (*video, *audio) if f.start >= video[0].start), key=lambda frame: frame.start)


def pieces(frames, every=20):
    """The bytes of each `every` frames, the end not included."""
    muxing = muxer(frames[0], {"video", "audio"})
    return muxing, [muxing.mux(frames[at : at + every]) for at in range(0, len(frames), every)]


def decoded(data):
    """When pictures and sound are in a file, in seconds."""
    found = {"video": [], "audio": []}
    with av.open(io.BytesIO(data)) as file:
        for packet in file.demux():
            for frame in packet.decode():
                found[packet.stream.type].append(frame.time)
    return found


def probed(path):
    """What ffprobe says against a file."""
    said = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", path],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return said.stderr


@CODECS
def test_every_picture_and_sound_is_in_it_at_its_time(codec):
    frames = in_order(codec)
    muxing, parts = pieces(frames)
    found = decoded(b"".join(parts) + muxing.end())
    for kind in ("video", "audio"):
        sent = [frame.start - frames[0].start for frame in frames if frame.kind == kind]
        assert found[kind] == pytest.approx(sent, abs=0.008)


@pytest.mark.slow
@CODECS
def test_it_may_break_off_anywhere_and_lacks_less_than_a_second(codec, tmp_path):
    frames = in_order(codec)
    _, parts = pieces(frames)
    for count in range(4, len(parts), 5):
        data = b"".join(parts[:count])
        found = decoded(data)
        newest = frames[min(count * 20, len(frames)) - 1].start - frames[0].start
        assert newest - min(max(found["video"]), max(found["audio"])) < 0.75
        path = tmp_path / "call"
        path.write_bytes(data)
        assert probed(path) == ""


@pytest.mark.slow
@CODECS
@pytest.mark.parametrize("torn", [0, 1, 700, 20_000])
def test_what_is_torn_is_finished_with_length_and_index(codec, torn, tmp_path):
    frames = in_order(codec)
    muxing, parts = pieces(frames)
    whole = b"".join(parts)
    name = f"call.{muxing.container}"
    (tmp_path / f"{name}.part").write_bytes(whole[: len(whole) - torn])
    finish(tmp_path / f"{name}.part", tmp_path / name)
    assert probed(tmp_path / name) == ""
    with av.open(str(tmp_path / name)) as file:
        assert file.duration / 1e6 == pytest.approx(8.0, abs=1.1)
        file.seek(5_000_000)
        assert 3.9 < next(file.decode(video=0)).time < 5.1


@CODECS
def test_sound_goes_on_while_there_is_no_picture(codec):
    frames = [f for f in in_order(codec) if f.kind == "audio" or not 3 < f.start < 7]
    _, parts = pieces(frames[: frames.index(next(f for f in frames if f.start > 6.5))])
    assert max(decoded(b"".join(parts))["audio"]) > 4.8


def test_sound_alone_is_webm(tmp_path):
    _, audio = real("vp8", 3)
    muxing = muxer(audio[0], {"video", "audio"})
    data = muxing.mux(audio) + muxing.end()
    assert muxing.container == "webm" and len(decoded(data)["audio"]) == len(audio)


@pytest.mark.parametrize("data", [b"", b"no film at all" * 100])
def test_a_file_that_holds_nothing_is_said_to(data, tmp_path):
    (tmp_path / "call.webm.part").write_bytes(data)
    with pytest.raises(Unreadable):
        finish(tmp_path / "call.webm.part", tmp_path / "call.webm")


@pytest.mark.slow
@CODECS
def test_ten_minutes_take_no_more_memory_than_one(codec):
    frames = in_order(codec, 4.0)
    length = frames[-1].start - frames[0].start + 0.02
    muxing = muxer(frames[0], {"video", "audio"})

    def minute(number):
        for turn in range(15):
            later = (number * 15 + turn) * length
            muxing.mux([replace(frame, start=frame.start + later) for frame in frames])

    minute(0)
    tracemalloc.start()
    try:
        before = resident()
        for number in range(1, 10):
            minute(number)
        assert tracemalloc.get_traced_memory()[0] < 100_000
        assert resident() - before < 8 * 2**20
    finally:
        tracemalloc.stop()


def resident():
    """Bytes of this process."""
    return psutil.Process().memory_info().rss
