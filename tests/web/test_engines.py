"""The engines over HTTP: their state, loading and unloading, and answers for files by name and by upload."""

from __future__ import annotations

import asyncio
from io import BytesIO

import aiohttp
import psutil
import pytest

from tests import media
from tests.server import serving
from tests.web.test_api import error_of
from web.keys import METRICS

NAME = "20270115T080000.250_0a1b.webm"


@pytest.fixture(scope="module")
def smile(tmp_path_factory):
    wav = media.speech_wav(tmp_path_factory.mktemp("speech") / "speech.wav")
    return media.encode_clip(media.astronaut_frames(75, (480, 360), face=150), 15, "vp8", wav)


@pytest.fixture(scope="module")
def long_smile(tmp_path_factory):
    return media.encode_clip(media.astronaut_frames(180, (480, 360), face=150), 15, "vp8")


async def ready(http, name="embedded", within=10):
    async with asyncio.timeout(within):
        while True:
            async with http.get("/api/engines") as response:
                body = await response.json()
            engine = next(engine for engine in body["engines"] if engine["name"] == name)
            if engine["state"] == "ready":
                return body
            await asyncio.sleep(0.05)


async def test_every_engine_says_how_it_is_in_the_order_in_which_it_is_asked(http):
    body = await ready(http)
    assert body["ready"] is True
    assert [engine["name"] for engine in body["engines"]] == ["lddu", "qwen", "remote", "embedded"]
    lddu, qwen, remote, embedded = body["engines"]
    assert "no trained head" in lddu["reason"] and "QWEN_MODEL_PATH" in qwen["reason"]
    assert "REMOTE_BASE_URL" in remote["reason"]
    assert [engine["code"] for engine in body["engines"]] == 3 * ["not_set_up"] + [None]
    assert not any(engine["set_up"] for engine in (lddu, qwen, remote)) and embedded["set_up"]
    assert embedded["pid"] and qwen["pid"] is None


async def test_how_long_an_engines_labels_took_is_told_once_there_are_some(http, app):
    for ms in (40.0, 20.04, 900.0, 30.0):
        app[METRICS].looked("embedded", ms)
    times = {"count": 4, "p50": 30.0, "p95": 900.0}
    async with http.get("/api/engines") as engines, http.get("/status") as status:
        for told in ((await engines.json())["engines"], (await status.json())["analysis"]["engines"]):
            assert [engine["label_ms"] for engine in told] == [None, None, None, times]


async def test_an_engine_is_unloaded_and_loaded(http):
    await ready(http)
    async with http.post("/api/engines/embedded/unload") as response:
        assert (response.status, (await response.json())["state"]) == (200, "unavailable")
    async with http.post("/api/engines/embedded/load") as response:
        assert (response.status, (await response.json())["state"]) == (202, "loading")
    await ready(http)
    async with http.post("/api/engines/embedded/load") as response:
        assert (response.status, (await response.json())["state"]) == (200, "ready")


async def test_an_engine_that_is_not_there_is_not_found(http):
    async with http.post("/api/engines/magic/load") as response:
        assert await error_of(response) == (404, "no_such_engine")


async def test_loading_an_engine_nobody_set_up_says_what_to_set(http):
    async with http.post("/api/engines/qwen/load") as response:
        body = await response.json()
        assert (response.status, body["error"]["code"]) == (409, "not_set_up")
        assert "QWEN_MODEL_PATH" in body["error"]["message"]


@pytest.mark.slow
async def test_a_file_of_videos_is_answered_for_by_the_chain(http, server, smile):
    (server.data / "videos" / NAME).write_bytes(smile)
    await ready(http)
    async with http.post("/api/analyze", json={"video_name": NAME}) as response:
        body = await response.json()
        assert response.status == 200, body
    assert (body["file"], body["emotion"], body["engine"]) == (NAME, "happy", "embedded")
    assert body["fallback_reason"] == "lddu: not set up; qwen: not set up; remote: not set up"
    assert body["fallback_codes"] == dict.fromkeys(("lddu", "qwen", "remote"), "not_set_up")
    (window,) = body["windows"]
    assert (window["window_start"], window["emotion"]) == (0.0, "happy")
    assert sum(body["probabilities"].values()) == pytest.approx(1)


async def test_descriptions_are_in_the_language_asked_for(http, server, smile):
    (server.data / "videos" / NAME).write_bytes(smile)
    await ready(http)
    async with http.post("/api/analyze", json={"video_name": NAME, "language": "zh"}) as response:
        assert "在微笑" in (await response.json())["description"]


@pytest.mark.slow
async def test_an_upload_of_several_windows_is_answered_for(http, long_smile):
    await ready(http)
    form = aiohttp.FormData()
    form.add_field("file", BytesIO(long_smile), filename="holiday.webm", content_type="video/webm")
    form.add_field("engine", "embedded")
    async with http.post("/api/analyze", data=form) as response:
        body = await response.json()
    assert (body["file"], body["emotion"], len(body["windows"])) == ("holiday.webm", "happy", 3)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["../state/access-code", "..", "/etc/passwd", "none.webm", ".hidden", "link.webm", "a\0b", ""]
)
async def test_what_is_not_inside_videos_is_refused(http, server, name):
    (server.data / "videos" / ".hidden").write_bytes(b"x")
    (server.data / "videos" / "link.webm").symlink_to("/etc/passwd")
    async with http.post("/api/analyze", json={"video_name": name}) as response:
        assert await error_of(response) == (404, "no_such_clip")


async def test_a_clips_name_may_not_be_a_way_out_either(http, server):
    (server.data / "videos" / NAME).symlink_to("/etc/passwd")
    async with http.get(f"/videos/{NAME}") as response:
        assert await error_of(response) == (404, "no_such_clip")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "bad_request"),
        ({"video_name": NAME, "engine": "magic"}, 400, "bad_request"),
        ({"video_name": "x" * 5000}, 404, "no_such_clip"),
        ({"video_name": NAME, "prompt": "x" * 5000}, 400, "bad_request"),
        ({"video_name": NAME, "engine": "qwen"}, 503, "engine_unavailable"),
        ({"video_name": "text.mp4", "engine": "embedded"}, 422, "clip_unreadable"),
    ],
)
async def test_what_cannot_be_answered_has_a_code(http, server, smile, body, status, code):
    (server.data / "videos" / NAME).write_bytes(smile)
    (server.data / "videos" / "text.mp4").write_text("no video")
    await ready(http)
    async with http.post("/api/analyze", json=body) as response:
        assert await error_of(response) == (status, code)


async def test_a_form_without_a_file_is_refused(http):
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("engine", "embedded")
    async with http.post("/api/analyze", data=form) as response:
        assert await error_of(response) == (400, "bad_request")


@pytest.fixture
def scratch(monkeypatch, tmp_path):
    """Where uploads are written to."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parts", "status", "code"),
    [
        ([("file", b"x" * 5000)], 413, "too_large"),
        ([("file", b"x"), ("file", b"x")], 400, "bad_request"),
        ([("prompt", "x" * 70_000), ("file", b"x")], 413, "too_large"),
        ([("prompt", "x" * 5000), ("file", b"x")], 400, "bad_request"),
        ([("file", b"")], 422, "clip_unreadable"),
    ],
)
async def test_an_upload_that_is_not_as_it_should_be_is_refused_and_leaves_nothing(
    http, monkeypatch, scratch, parts, status, code
):
    monkeypatch.setattr("web.uploads.MAX_UPLOAD", 1000)
    await ready(http)
    form = aiohttp.FormData()
    for name, value in parts:
        form.add_field(name, value, filename="a.webm" if name == "file" else None)
    async with http.post("/api/analyze", data=form) as response:
        assert await error_of(response) == (status, code)
    assert list(scratch.iterdir()) == []


async def test_a_body_that_is_neither_json_nor_a_form_is_refused(http, smile):
    for kind in ("application/octet-stream", "video/webm", "text/plain"):
        async with http.post("/api/analyze", data=smile[:1000], headers={"Content-Type": kind}) as response:
            assert await error_of(response) == (415, "unsupported_media_type")


async def test_a_form_of_countless_parts_is_refused(http):
    form = aiohttp.FormData(default_to_multipart=True)
    for at in range(50):
        form.add_field(f"field{at}", "x")
    async with http.post("/api/analyze", data=form) as response:
        assert await error_of(response) == (400, "bad_request")


async def test_a_form_that_is_broken_is_refused(http):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in (b"--x\r\nbroken header\r\n\r\n--x--", b"no boundary at all", b"--x\r\n" + b"a" * 70_000):
        async with http.post("/api/analyze", data=body, headers=headers) as response:
            assert await error_of(response) == (400, "bad_request")


async def test_a_field_that_arrives_in_pieces_is_read_whole(http, smile):
    await ready(http)

    async def body():
        yield b'--x\r\nContent-Disposition: form-data; name="engine"\r\n\r\nembe'
        await asyncio.sleep(0.2)
        yield b"dded\r\n"
        yield (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.webm"\r\n\r\n'
            + smile
            + b"\r\n--x--\r\n"
        )

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with http.post("/api/analyze", data=body(), headers=headers) as response:
        assert (await response.json())["engine"] == "embedded"


async def test_more_uploads_than_there_is_room_for_are_turned_away(http, monkeypatch):
    monkeypatch.setattr("web.uploads.MOST", 0)
    form = aiohttp.FormData()
    form.add_field("file", b"x", filename="a.webm")
    async with http.post("/api/analyze", data=form) as response:
        assert await error_of(response) == (503, "busy")
        assert response.headers["Retry-After"]


async def test_qwen_alone_says_that_it_is_not_there(http, server, smile):
    (server.data / "videos" / NAME).write_bytes(smile)
    async with http.get("/api/qwen/status") as response:
        status = await response.json()
        assert (status["available"], status["state"]) == (False, "unavailable")
        assert "QWEN_MODEL_PATH" in status["reason"]
    async with http.post("/api/qwen/analyze", json={"video_name": NAME}) as response:
        assert await error_of(response) == (503, "engine_unavailable")


async def test_qwen_outside_the_chain_is_said_to_be_so(tmp_path, apps):
    async with (
        serving(tmp_path, emotion_engines="embedded") as server,
        aiohttp.ClientSession(server.url) as http,
        http.get("/api/qwen/status") as response,
    ):
        status = await response.json()
        assert (status["code"], status["reason"]) == ("not_in_use", "qwen is not in EMOTION_ENGINES")


async def test_work_for_somebody_who_has_gone_is_given_up(http, server, smile, monkeypatch, scratch):
    begun, given_up = asyncio.Event(), asyncio.Event()

    async def endless(*_, **__):
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            given_up.set()
            raise

    monkeypatch.setattr("pipeline.analysis.Analysis.analyze_file", endless)
    form = aiohttp.FormData()
    form.add_field("file", smile, filename="a.webm")
    asking = asyncio.ensure_future(http.post("/api/analyze", data=form))
    async with asyncio.timeout(10):
        await begun.wait()
        asking.cancel()
        await given_up.wait()
        while list(scratch.iterdir()):
            await asyncio.sleep(0.02)


@pytest.mark.slow
async def test_qwen_alone_answers_and_gives_its_memory_back(tmp_path, apps, smile):
    pytest.importorskip("transformers", reason="transformers is not installed: make install-models")
    from tests.models.qwen.tiny import save_tiny_qwen

    weights = save_tiny_qwen(tmp_path / "weights", "qwen2.5")
    async with (
        serving(tmp_path / "data", qwen_model_path=weights, qwen_device="cpu") as server,
        aiohttp.ClientSession(server.url) as http,
    ):
        (server.data / "videos" / NAME).write_bytes(smile)
        async with http.get("/api/qwen/status") as response:
            assert (await response.json())["state"] == "loading"
        body = await ready(http, "qwen", within=60)
        async with http.get("/api/qwen/status") as response:
            assert (await response.json())["available"] is True
        asked = {"video_name": NAME, "prompt": "What is the weather like?"}
        async with http.post("/api/qwen/analyze", json=asked) as response:
            answer = await response.json()
            assert response.status == 200, answer
        assert (answer["engine"], answer["fallback_reason"]) == ("qwen", None)
        assert sum(answer["probabilities"].values()) == pytest.approx(1)
        pid = body["engines"][1]["pid"]
        assert psutil.pid_exists(pid)
        async with http.post("/api/engines/qwen/unload") as response:
            assert response.status == 200
        async with asyncio.timeout(5):
            while psutil.pid_exists(pid):
                await asyncio.sleep(0.05)
        async with http.post("/api/qwen/analyze", json=asked) as response:
            assert await error_of(response) == (503, "engine_unavailable")
