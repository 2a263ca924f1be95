"""The zip of a session."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile

import pytest

from pipeline.history import export as exporting
from pipeline.history.export import export
from pipeline.history.reading import read_timeline
from pipeline.history.writing import write
from tests.pipeline.history.samples import AT, began, clip, label, turn


@pytest.fixture
async def timeline(database):
    said = [
        turn(text="Größe?", mood="likely\nhappy"),
        turn(role="assistant", text="*Well.*", model="m", second=2),
    ]
    await write(database, [began(), label(5), clip(), *said])
    async with database.reading() as connection:
        return await read_timeline(connection, "call")


@pytest.fixture
def media(tmp_path):
    (tmp_path / "videos").mkdir()
    (tmp_path / "recordings").mkdir()
    paths = [tmp_path / "videos/b.webm", tmp_path / "videos/a.webm", tmp_path / "recordings/a.webm"]
    for path in paths:
        path.write_bytes(os.urandom(3_000_000))
    return [*paths, tmp_path / "videos/gone.webm"]


async def test_the_manifest_tells_the_size_and_the_hash_of_every_file(timeline, media, tmp_path):
    export("call", timeline, media, tmp_path / "call.zip", AT)
    with zipfile.ZipFile(tmp_path / "call.zip") as zipped:
        assert zipped.testzip() is None
        manifest = json.loads(zipped.read("manifest.json"))
        names = [entry["name"] for entry in manifest["files"]]
        assert [*names, "manifest.json"] == zipped.namelist()
        for entry in manifest["files"]:
            data = zipped.read(entry["name"])
            assert (len(data), hashlib.sha256(data).hexdigest()) == (entry["size"], entry["sha256"])
        stored = {info.filename for info in zipped.infolist() if info.compress_type == zipfile.ZIP_STORED}
    assert names == [
        "session.json",
        "timeline.json",
        "labels.csv",
        "chat.json",
        "chat.md",
        "media/a.webm",
        "media/videos-a.webm",
        "media/b.webm",
    ]
    assert stored == {name for name in names if name.startswith("media/")}
    assert manifest["missing"] == ["media/gone.webm", "media/clip.webm"]
    assert (manifest["format"], manifest["made_at"]) == (1, "2023-11-14T22:13:20.000Z")


async def test_the_chat_can_be_read_by_people_and_by_programs(timeline, tmp_path):
    export("call", timeline, [], tmp_path / "call.zip")
    with zipfile.ZipFile(tmp_path / "call.zip") as zipped:
        readable = zipped.read("chat.md").decode()
        assert [said["text"] for said in json.loads(zipped.read("chat.json"))] == ["Größe?", "*Well.*"]
        assert json.loads(zipped.read("session.json")) == timeline.session.model_dump()
        assert json.loads(zipped.read("timeline.json"))["labels"][0]["emotion"] == "happy"
    assert readable.index("**You**") < readable.index("Größe?") < readable.index("**Answer (m)**")
    assert "> likely happy" in readable


async def test_an_answer_that_was_stopped_or_cut_is_marked(database, tmp_path):
    said = [
        turn("1", role="assistant", text="Once upon", finish="stopped"),
        turn("2", role="assistant", text="And so on", finish="length"),
        turn("3", role="assistant", text="All of it.", finish="complete"),
    ]
    await write(database, [began(), *said])
    async with database.reading() as connection:
        timeline = await read_timeline(connection, "call")
    export("call", timeline, [], tmp_path / "call.zip")
    with zipfile.ZipFile(tmp_path / "call.zip") as zipped:
        readable = zipped.read("chat.md").decode()
    assert "Once upon\n\n*stopped*" in readable and "And so on\n\n*length*" in readable
    assert "complete" not in readable


async def test_clips_that_have_left_are_named_as_missing(database, tmp_path):
    await write(database, [began(), clip("left.webm"), clip("here.webm", second=2)])
    async with database.reading() as connection:
        timeline = await read_timeline(connection, "call")
    here = tmp_path / "here.webm"
    here.write_bytes(b"media")
    export("call", timeline, [here], tmp_path / "call.zip")
    with zipfile.ZipFile(tmp_path / "call.zip") as zipped:
        assert json.loads(zipped.read("manifest.json"))["missing"] == ["media/left.webm"]


async def test_equal_exports_are_equal_bytes(timeline, media, tmp_path):
    for name in ("first.zip", "second.zip"):
        export("call", timeline, media, tmp_path / name, AT)
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()


def test_media_without_a_history_are_exported_too(media, tmp_path):
    export("call", None, media[:1], tmp_path / "call.zip")
    with zipfile.ZipFile(tmp_path / "call.zip") as zipped:
        assert zipped.namelist() == ["media/b.webm", "manifest.json"]


async def test_an_export_that_fails_leaves_nothing_behind(timeline, media, tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    (tmp_path / "out").mkdir()
    monkeypatch.setattr(exporting.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        export("call", timeline, media, tmp_path / "out/call.zip")
    assert not list((tmp_path / "out").iterdir())
