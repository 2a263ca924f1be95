"""WebM written by hand: what players of every kind read in it."""

from __future__ import annotations

import io
import subprocess
from itertools import pairwise

import av
import pytest

from pipeline import webm
from pipeline.clip import cut, remux
from pipeline.frames import EncodedFrame
from tests.pipeline.frames import real


@pytest.fixture(scope="module")
def chosen():
    return cut(*real("vp8"), 5.0)


def elements(data, at=0):
    """(identifier, content) of each element in `data`, whose sizes all have eight bytes."""
    found = []
    while at < len(data):
        width = next(n for n in range(1, 5) if data[at] >> (8 - n))
        size = int.from_bytes(data[at + width : at + width + 8]) & ~(1 << 56)
        found.append((data[at : at + width].hex(), data[at + width + 8 : at + width + 8 + size]))
        at += width + 8 + size
    return found


def test_it_is_one_segment_whose_sizes_are_right_and_whose_cues_lead_to_clusters_with_keyframes(chosen):
    data = remux(chosen).data
    (_, _), (name, segment) = elements(data)
    assert name == "18538067"
    names = [name for name, _ in elements(segment)]
    assert names[:3] == ["1549a966", "1654ae6b", "1c53bb6b"] and set(names[3:]) == {"1f43b675"}
    cues = dict(elements(segment))["1c53bb6b"]
    for _, point in elements(cues):
        at, place = (content for _, content in elements(point))
        track, position = (int.from_bytes(content) for _, content in elements(place))
        (_, cluster) = elements(segment, position)[0]
        (_, beginning), (kind, block) = elements(cluster)[:2]
        assert (beginning, kind, block[0]) == (at, "a3", 0x80 | track)
        assert block[3] == 0x80


def test_the_keyframe_of_a_second_begins_a_cluster(chosen):
    blocks = webm.blocks(webm.VIDEO, chosen.video, chosen.start)
    keyframes = [time for time, _, keyframe, _ in blocks if keyframe]
    found = [
        int.from_bytes(elements(content)[0][1])
        for name, content in elements(webm.clusters(blocks))
        if name == "1f43b675"
    ]
    assert len(keyframes) == 5 and set(keyframes) <= set(found)


def test_a_place_that_is_sought_is_found_by_its_cue(chosen):
    with av.open(io.BytesIO(remux(chosen).data)) as file:
        file.seek(3_200_000)
        packet = next(file.demux(video=0))
        assert packet.is_keyframe and 2.5 < packet.pts * packet.time_base <= 3.2


def test_ffprobe_finds_nothing_to_say_against_it(chosen, tmp_path):
    path = tmp_path / "clip.webm"
    path.write_bytes(remux(chosen).data)
    told = subprocess.run(
        ["ffprobe", "-v", "warning", "-count_frames", "-show_entries", "stream=nb_read_frames", path],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stderr == "" and f"nb_read_frames={len(chosen.video)}" in told.stdout


def test_frames_a_millisecond_apart_stay_apart_and_sound_comes_before_what_its_decoder_throws_away():
    pictures = [
        EncodedFrame(codec="vp8", data=b"", start=at / 1000 + 3.0003, keyframe=False) for at in range(5000)
    ]
    times = [time for time, *_ in webm.blocks(webm.VIDEO, pictures, 3.0)]
    assert all(after - before == 1 for before, after in pairwise(times))
    sound = EncodedFrame(codec="opus", data=b"", start=4.0, keyframe=True)
    assert webm.blocks(webm.AUDIO, [sound], 3.0)[0][0] == 1007  # 312 samples are 6.5 ms


def test_who_sees_and_hears_at_a_time_sees_first():
    sound = EncodedFrame(codec="opus", data=b"s", start=0.5 - 0.0065, keyframe=True)
    picture = EncodedFrame(codec="vp8", data=b"p", start=0.5, keyframe=False)
    blocks = webm.blocks(webm.AUDIO, [sound], 0.0) + webm.blocks(webm.VIDEO, [picture], 0.0)
    assert [data for *_, data in sorted(blocks)] == [b"p", b"s"]
