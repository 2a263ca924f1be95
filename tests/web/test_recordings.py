"""Recordings over HTTP: whose they are, ranges, MP4s, and that they leave with their session."""

from __future__ import annotations

import io
import zipfile

import av
import pytest

from tests import media
from tests.web.test_api import error_of

NAME = "20270115T080000.000_0a.webm"

pytestmark = pytest.mark.usefixtures("without_engines")


@pytest.fixture(scope="module")
def recorded():
    return media.encode_clip(media.astronaut_frames(15, (160, 120), face=60), 15, "vp8")


@pytest.fixture
def folder(server, recorded):
    folder = server.data / "recordings"
    (folder / NAME).write_bytes(recorded)
    (folder / f"{NAME.replace('08', '09')}.part").write_bytes(recorded)
    (folder / "notes.txt").write_bytes(b"somebody else's")
    return folder


async def listed(http, **query):
    async with http.get("/api/recordings", params=query) as response:
        assert response.status == 200
        return await response.json()


async def test_finished_recordings_are_listed_and_nothing_else(http, folder, recorded):
    page = await listed(http)
    assert (page["count"], page["next"]) == (1, None)
    assert page["recordings"][0] == {
        "name": NAME,
        "session_id": "0a",
        "timestamp": 1800000000.0,
        "size": len(recorded),
        "url": f"/recordings/{NAME}",
        "mp4": f"/recordings/{NAME}?format=mp4",
    }
    assert (await listed(http, session_id="0b"))["count"] == 0


async def test_a_recording_is_had_whole_in_ranges_and_as_mp4(http, folder, recorded, tmp_path):
    async with http.get(f"/recordings/{NAME}?download=1") as response:
        assert await response.read() == recorded
        assert response.headers["Content-Disposition"] == f'attachment; filename="{NAME}"'
    async with http.get(f"/recordings/{NAME}", headers={"Range": "bytes=4-7"}) as response:
        assert (response.status, await response.read()) == (206, recorded[4:8])
    async with http.get(f"/recordings/{NAME}?format=mp4") as response:
        (tmp_path / "made.mp4").write_bytes(await response.read())
    with av.open(str(tmp_path / "made.mp4")) as file:
        assert file.streams.video[0].codec_context.name == "h264"


async def test_one_that_is_too_long_is_not_converted(http, folder, monkeypatch):
    monkeypatch.setattr("web.recordings.MOST_CONVERTED", 100)
    async with http.get(f"/recordings/{NAME}?format=mp4") as response:
        assert await error_of(response) == (422, "recording_too_long")
    assert (await listed(http))["recordings"][0]["mp4"] is None


@pytest.mark.parametrize(
    "name", ["notes.txt", f"{NAME}.part", "..%2Fstate%2Fsecret", "20270115T080000.000_0b.webm"]
)
async def test_nothing_else_of_the_disk_is_sent_or_deleted(http, folder, name):
    for ask in (http.get, http.delete):
        async with ask(f"/recordings/{name}") as response:
            assert response.status == 404
    assert (folder / "notes.txt").exists()


async def test_a_recording_is_its_callers_and_the_operators_alone(
    lan, another, operator, server, ownership, recorded, tokens
):
    session_id = ownership.call("ann")
    name = f"20270115T080000.000_{session_id}.webm"
    (server.data / "recordings" / name).write_bytes(recorded)
    for http, count in ((another, 0), (lan, 1), (operator, 1)):
        assert (await listed(http))["count"] == count
    for ask in (another.get, another.delete):
        async with ask(f"/recordings/{name}") as response:
            assert await error_of(response) == (404, "no_such_recording")
    async with lan.get(f"/recordings/{name}") as response:
        assert response.status == 200
    async with lan.delete(f"/recordings/{name}") as response:
        assert response.status == 204
    assert (await listed(operator))["count"] == 0


async def test_a_recording_leaves_with_its_session_and_is_in_its_export(http, folder, recorded):
    async with http.get("/api/sessions/0a/export") as response:
        with zipfile.ZipFile(io.BytesIO(await response.read())) as archive:
            assert archive.read(f"media/{NAME}") == recorded
    async with http.delete("/api/sessions/0a") as response:
        assert response.status == 204
    assert sorted(path.name for path in folder.iterdir()) == ["notes.txt"]
