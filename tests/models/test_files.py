from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from models.base import ClipUnreadable, Question
from models.embedded.engine import EmbeddedEngine
from models.files import media_in, still, windows
from tests import media

QUESTION = Question(session_id="file")


def test_a_still_picture_is_one_window_without_length(engine: EmbeddedEngine, tmp_path: Path) -> None:
    Image.fromarray(media.astronaut_frames(1)[0]).save(tmp_path / "face.jpg")
    (result,) = windows(tmp_path / "face.jpg", engine, QUESTION)
    assert (result.emotion, result.window_start, result.window_end) == ("happy", 0.0, 0.0)


def test_a_huge_picture_is_shrunk(tmp_path: Path) -> None:
    Image.new("RGB", (5000, 3000)).save(tmp_path / "large.png")
    assert max(still(tmp_path / "large.png").looks[0].rgb.shape) == 1920


def test_what_is_no_picture_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_text("words")
    with pytest.raises(ClipUnreadable):
        still(tmp_path / "x.jpg")


@pytest.mark.slow
def test_another_files_sound_takes_the_place_of_its_own(
    engine: EmbeddedEngine, tmp_path: Path, smile: list[media.Frame], wav: Path
) -> None:
    (tmp_path / "mute.webm").write_bytes(media.encode_clip(smile[:75], 15, "vp8"))
    mute = list(windows(tmp_path / "mute.webm", engine, QUESTION))
    spoken = list(windows(tmp_path / "mute.webm", engine, QUESTION, audio=wav))
    assert [each.arousal for each in mute] == [None]
    assert len(spoken) == 1 and spoken[0].arousal is not None
    assert spoken[0].emotion == "happy"


def test_nothing_is_kept_of_a_file(engine: EmbeddedEngine, tmp_path: Path) -> None:
    Image.fromarray(media.astronaut_frames(1)[0]).save(tmp_path / "face.png")
    list(windows(tmp_path / "face.png", engine, QUESTION))
    assert len(engine._memory) == 0


def test_folders_are_searched_for_media_and_files_taken_as_they_are(tmp_path: Path) -> None:
    for name in ("b.webm", "a.mp4", "sub/c.wav", "note.txt", ".hidden.webm"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = media_in([tmp_path, tmp_path / "note.txt"])
    assert [str(path.relative_to(tmp_path)) for path in found] == ["a.mp4", "b.webm", "sub/c.wav", "note.txt"]


def test_a_picture_taken_sideways_is_turned_upright(tmp_path: Path) -> None:
    sideways = Image.new("RGB", (100, 200))
    exif = sideways.getexif()
    exif[0x0112] = 6
    sideways.save(tmp_path / "a.jpg", exif=exif)
    assert still(tmp_path / "a.jpg").looks[0].rgb.shape == (100, 200, 3)


def test_a_broken_picture_is_unreadable(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    data = bytearray((tmp_path / "a.png").read_bytes())
    data[29:33] = bytes(4)  # the first chunk's checksum
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(ClipUnreadable):
        still(tmp_path / "a.png")


def test_sound_for_a_still_picture_is_refused(engine: EmbeddedEngine, tmp_path: Path, wav: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    with pytest.raises(ClipUnreadable, match="still picture"):
        list(windows(tmp_path / "a.png", engine, QUESTION, audio=wav))


def test_sound_that_cannot_be_read_is_named(
    engine: EmbeddedEngine, tmp_path: Path, smile: list[media.Frame]
) -> None:
    (tmp_path / "mute.webm").write_bytes(media.encode_clip(smile[:15], 15, "vp8"))
    with pytest.raises(ClipUnreadable, match=r"the sound .*none\.wav: cannot be opened"):
        list(windows(tmp_path / "mute.webm", engine, QUESTION, audio=tmp_path / "none.wav"))
