from __future__ import annotations

import struct
import wave
from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from models import pictures
from models.base import ClipUnreadable, DecodedClip
from models.decode import _opened, decode_clip, decode_file, first_frame
from models.embedded.fusion import Seen
from models.embedded.memory import SessionMemory
from pipeline.clip import cut, remux
from tests import media
from tests.attacks.bombs import sound_at
from tests.pipeline.frames import real


@pytest.mark.slow
def test_a_live_clip_gives_a_look_a_second_in_session_time(vp8: bytes, h264: bytes) -> None:
    for data in (vp8, h264):
        clip = decode_clip(data, start=100.0, end=105.0)
        assert [look.time for look in clip.looks] == pytest.approx([100, 101, 102, 103, 104], abs=0.002)
        assert clip.looks[0].rgb.shape == (360, 480, 3)
        assert (clip.has_video, clip.has_audio) == (True, True)


def test_looks_show_the_frames_of_their_time(smile: list[media.Frame], vp8: bytes, h264: bytes) -> None:
    for data in (vp8, h264):
        for at, look in enumerate(decode_clip(data, start=0.0, end=5.0).looks):
            errors = [
                np.abs(look.rgb.astype(int) - smile[at * 15 + step].astype(int)).mean()
                for step in (0, 4, 8, 12)
            ]
            assert errors[0] == min(errors) < 8


def test_only_wanted_keyframes_are_decoded(vp8: bytes) -> None:
    asked: list[float] = []

    def wanted(times: Sequence[float]) -> Sequence[float]:
        asked.extend(times)
        return [time for time in times if time > 12.5]

    clip = decode_clip(vp8, start=10.0, end=15.0, wanted=wanted)
    assert asked == pytest.approx([10, 11, 12, 13, 14], abs=0.002)
    assert [look.time for look in clip.looks] == pytest.approx([13, 14], abs=0.002)


def test_sound_is_decoded_from_where_it_was_heard(vp8: bytes) -> None:
    whole = decode_clip(vp8, start=10.0, end=15.0)
    rest = decode_clip(vp8, start=10.0, end=15.0, heard_until=13.5)
    assert len(whole.waveform) == pytest.approx(5 * 16_000, abs=1600)
    assert rest.waveform_start == pytest.approx(13.5, abs=1e-6)
    assert len(rest.waveform) == pytest.approx(1.5 * 16_000, abs=1600)
    at = round((rest.waveform_start - whole.waveform_start) * 16_000)
    same = whole.waveform[at : at + len(rest.waveform)]
    lag = min(
        range(-40, 41),
        key=lambda lag: float(np.abs(np.roll(same, lag)[500:-500] - rest.waveform[500:-500]).sum()),
    )
    assert np.corrcoef(np.roll(same, lag)[500:-500], rest.waveform[500:-500])[0, 1] > 0.95


@pytest.mark.slow
def test_rare_keyframes_still_give_a_look_a_second(smile: list[media.Frame], tmp_path: Path) -> None:
    for codec in ("vp8", "h264"):
        data = media.encode_clip(smile, 15, codec, keyframes_every=60)
        clip = decode_clip(data, start=0.0, end=7.0)
        assert [look.time for look in clip.looks] == pytest.approx(range(7), abs=0.08)
        for look in clip.looks:
            frame = smile[round(look.time * 15)]
            assert np.abs(look.rgb.astype(int) - frame.astype(int)).mean() < 8


@pytest.mark.parametrize(
    ("codec", "every"), [("vp8", 60), ("h264", 15), pytest.param("vp8", 15, marks=pytest.mark.slow)]
)
def test_several_looks_a_second_are_spread_over_it(codec: str, every: int, smile: list[media.Frame]) -> None:
    data = media.encode_clip(smile[:75], 15, codec, keyframes_every=every)
    clip = decode_clip(data, start=10.0, end=15.0, interval=0.2)
    times = [look.time for look in clip.looks]
    assert times == pytest.approx(np.arange(10, 15, 0.2), abs=0.07)
    for look in clip.looks:
        frame = smile[round((look.time - 10) * 15)]
        assert np.abs(look.rgb.astype(int) - frame.astype(int)).mean() < 8


def test_with_several_looks_a_second_only_a_new_second_is_decoded(vp8: bytes) -> None:
    memory = SessionMemory()

    def wanted(times: Sequence[float]) -> Sequence[float]:
        unseen = memory.unseen(times, 0.2)
        memory.seen += [Seen(time=time, reason="no_face") for time in unseen]
        return unseen

    first = decode_clip(vp8, start=10.0, end=15.0, wanted=wanted, interval=0.2)
    again = decode_clip(vp8, start=10.0, end=15.0, wanted=wanted, interval=0.2)
    assert (len(first.looks), len(again.looks)) == (25, 0)


def test_a_file_comes_in_windows_and_one_at_a_time(
    smile: list[media.Frame], wav: Path, tmp_path: Path
) -> None:
    path = tmp_path / "long.mp4"
    path.write_bytes(media.encode_clip(smile * 2, 15, "h264", wav, keyframes_every=3))
    windows = list(decode_file(path))
    assert [(clip.start, clip.end) for clip in windows] == [
        (0, 5),
        (5, 10),
        (10, pytest.approx(14, abs=0.1)),
    ]
    assert [len(clip.looks) for clip in windows] == [5, 5, 4]
    assert all(clip.start <= look.time < clip.end for clip in windows for look in clip.looks)
    assert [len(clip.waveform) for clip in windows] == pytest.approx([80_000, 80_000, 64_000], abs=1600)


@pytest.mark.slow
def test_a_long_file_is_never_held_decoded(
    smile: list[media.Frame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.webm"
    path.write_bytes(media.encode_clip(smile * 4, 15, "vp8"))
    made = 0
    convert = pictures._rgb

    def counted(frame: object) -> object:
        nonlocal made
        made += 1
        return convert(frame)  # type: ignore[arg-type]

    monkeypatch.setattr(pictures, "_rgb", counted)
    held = []
    taken = 0
    for clip in decode_file(path):
        taken += len(clip.looks)
        held.append(made - taken)
    assert taken == 28
    assert max(held) <= 3


def test_a_file_of_keyframes_alone_is_thinned_by_the_engine(smile: list[media.Frame], tmp_path: Path) -> None:
    path = tmp_path / "intra.mp4"
    path.write_bytes(media.encode_clip(smile[:45], 15, "h264", keyframes_every=1 / 15))
    memory = SessionMemory()

    def wanted(times: Sequence[float]) -> Sequence[float]:
        unseen = memory.unseen(times, 1.0)
        memory.seen += [Seen(time=time, reason="no_face") for time in unseen]
        return unseen

    (clip,) = decode_file(path, wanted)
    times = [look.time for look in clip.looks]
    assert times[0] == 0
    assert times[-1] > 2.5
    assert 0.39 < np.diff(times).min() <= np.diff(times).max() < 0.5


def test_either_stream_may_be_missing(smile: list[media.Frame], wav: Path) -> None:
    silent = decode_clip(media.encode_clip(smile[:30], 15), start=0.0, end=2.0)
    assert (silent.has_video, silent.has_audio, len(silent.waveform), len(silent.looks)) == (
        True,
        False,
        0,
        2,
    )
    blind = decode_clip(media.encode_clip([], 15, wav=wav), start=0.0, end=5.0)
    assert (blind.has_video, blind.has_audio, len(blind.looks)) == (False, True, 0)
    assert len(blind.waveform) > 16_000


@pytest.mark.parametrize("data", [b"", b"plain text, no video " * 50, bytes(range(256)) * 40])
def test_what_is_no_media_is_unreadable(data: bytes) -> None:
    with pytest.raises(ClipUnreadable):
        decode_clip(data, start=0.0, end=5.0)


def test_a_playlist_is_refused_because_it_names_other_files(
    vp8: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.webm").write_bytes(vp8)
    monkeypatch.chdir(tmp_path)
    playlist = tmp_path / "playlist.mp4"
    for text in (
        "ffconcat version 1.0\nfile other.webm\n",
        f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile://{tmp_path}/other.webm\n#EXT-X-ENDLIST\n",
    ):
        playlist.write_text(text)
        with pytest.raises(ClipUnreadable):
            list(decode_file(playlist))


def test_a_file_with_all_its_sound_at_one_moment_is_read_no_further_than_fits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("models.decode.MOST_SOUND", 1.0)
    with _opened(BytesIO(sound_at([0.0] * 100)), 0.0, list, -np.inf) as opened:
        assert 15 < sum(1 for _ in opened.read()) < 22


@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_the_newest_picture_of_a_clip_is_looked_at_though_it_lies_at_the_very_end(codec: str) -> None:
    video, audio = real(codec, 4.1)
    newest = max(frame.start for frame in video if frame.keyframe)
    window = cut([frame for frame in video if frame.start <= newest], audio, 3.0)
    clip = remux(window)
    looks = decode_clip(clip.data, start=clip.start, end=clip.end).looks
    assert looks[-1].time == pytest.approx(clip.end, abs=0.002)


@pytest.mark.slow
def test_what_was_taken_of_a_file_is_let_go(smile: list[media.Frame], wav: Path) -> None:
    data = BytesIO(media.encode_clip(smile * 2, 15, "vp8", wav))
    taken = 0.0
    with _opened(data, 0.0, list, -np.inf) as opened:
        for _ in opened.read():
            if opened.complete(taken, taken + 5):
                opened.take(taken, taken + 5)
                taken += 5
                assert opened.begins > taken - 0.1
    assert taken == 15


def test_a_picture_filmed_sideways_is_turned_upright(h264: bytes, tmp_path: Path) -> None:
    at = h264.index(b"tkhd")
    upright = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    quarter = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    matrix = h264.index(upright, at)
    (tmp_path / "turned.mp4").write_bytes(h264[:matrix] + quarter + h264[matrix + len(quarter) :])
    (tmp_path / "plain.mp4").write_bytes(h264)
    turned, plain = (first_frame(tmp_path / f"{name}.mp4") for name in ("turned", "plain"))
    assert turned is not None and plain is not None
    # the matrix asks for a quarter turn clockwise (ISO 14496-12, 6.2.2)
    assert np.array_equal(turned, np.rot90(plain, -1))


def test_a_truncated_webm_gives_what_is_there_and_a_truncated_mp4_nothing(vp8: bytes, h264: bytes) -> None:
    clip = decode_clip(vp8[: len(vp8) // 2], start=0.0, end=5.0)
    assert 1 <= len(clip.looks) < 5
    with pytest.raises(ClipUnreadable):
        decode_clip(h264[: len(h264) // 2], start=0.0, end=5.0)


@pytest.mark.slow
def test_damage_inside_costs_looks_but_no_crash(vp8: bytes, h264: bytes) -> None:
    rng = np.random.default_rng(1)
    for data in (vp8, h264):
        for _ in range(15):
            damaged = bytearray(data)
            for at in rng.integers(0, len(data), 60):
                damaged[at] = int(rng.integers(256))
            try:
                clip = decode_clip(bytes(damaged), start=0.0, end=5.0)
            except ClipUnreadable:
                continue
            assert isinstance(clip, DecodedClip)
            assert len(clip.looks) <= 12
            assert len(clip.waveform) <= 5 * 16_000


@pytest.mark.slow
def test_a_4k_clip_is_shrunk_before_it_is_kept() -> None:
    clip = decode_clip(media.encode_clip(media.faceless_frames(2, (3840, 2160)), 2, "vp8"), start=0, end=1)
    assert [look.rgb.shape for look in clip.looks] == [(1080, 1920, 3)]


def test_a_single_frame_is_a_look() -> None:
    clip = decode_clip(media.encode_clip(media.faceless_frames(1), 15, "vp8"), start=0, end=0)
    assert len(clip.looks) == 1


def test_a_clip_of_five_resolutions_is_seen_throughout() -> None:
    sizes = [(320, 240), (640, 480), (160, 120), (480, 640), (1280, 720)]
    packets = [(at, packet) for at, size in enumerate(sizes) for packet in one_frame(size)]
    clip = decode_clip(muxed(packets, sizes[0]), start=0.0, end=5.0)
    assert [look.rgb.shape[:2][::-1] for look in clip.looks] == sizes


def one_frame(size: media.Size) -> list[bytes]:
    with av.open(BytesIO(media.encode_clip(media.faceless_frames(1, size), 15, "vp8"))) as file:
        return [bytes(packet) for packet in file.demux() if packet.size]


def muxed(packets: list[tuple[int, bytes]], size: media.Size) -> bytes:
    out = BytesIO()
    with av.open(out, "w", format="webm") as file:
        stream = file.add_stream("vp8", rate=15, width=size[0], height=size[1])
        for second, data in packets:
            packet = av.Packet(data)
            packet.stream, packet.pts, packet.dts, packet.time_base = (
                stream,
                second * 1000,
                second * 1000,
                Fraction(1, 1000),
            )
            packet.is_keyframe = True
            file.mux(packet)
    return out.getvalue()


def test_mono_sound_of_8_khz_is_heard(tmp_path: Path) -> None:
    time = np.arange(2 * 8000) / 8000
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((np.sin(2 * np.pi * 440 * time) * 20_000).astype("<i2").tobytes())
    (clip,) = decode_file(tmp_path / "a.wav")
    assert len(clip.waveform) == pytest.approx(2 * 16_000, abs=64)
    spectrum = np.abs(np.fft.rfft(clip.waveform[8000:24_000]))
    assert np.argmax(spectrum) == pytest.approx(440, abs=2)


@pytest.mark.slow
def test_of_keyframes_alone_few_are_decoded(smile: list[media.Frame]) -> None:
    data = media.encode_clip(smile[:75], 15, "vp8", keyframes_every=1)
    times = [look.time for look in decode_clip(data, start=0.0, end=5.0).looks]
    assert 5 <= len(times) <= 13 and all(later - time >= 0.39 for time, later in pairwise(times))


def test_a_file_of_which_nothing_is_wanted_is_one_empty_window(tmp_path: Path, vp8: bytes) -> None:
    mute = media.encode_clip(media.faceless_frames(15), 15, "vp8")
    (tmp_path / "mute.webm").write_bytes(mute)
    (clip,) = decode_file(tmp_path / "mute.webm", lambda _: [])
    assert (len(clip.looks), len(clip.waveform), clip.start) == (0, 0, 0.0) and clip.has_video


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(ClipUnreadable, match="No such file"):
        list(decode_file(tmp_path / "none.mp4"))


def test_the_first_frame_is_the_first(
    smile: list[media.Frame], vp8: bytes, wav: Path, tmp_path: Path
) -> None:
    path = tmp_path / "clip.webm"
    path.write_bytes(vp8)
    frame = first_frame(path)
    assert frame is not None
    assert np.abs(frame.astype(int) - smile[0].astype(int)).mean() < 8
    path.write_bytes(media.encode_clip([], 15, wav=wav))
    assert first_frame(path) is None
