"""Clips over HTTP: pages of the list, ranges, saving, MP4s, and what is refused."""

from __future__ import annotations

import asyncio
import time

import av
import pytest

from pipeline.history.views import ClipKnown
from tests import media
from tests.web.test_api import error_of

NAMES = [f"20270115T08000{n}.000_{session}.webm" for n, session in enumerate(("0a", "0b", "0a", "0b", "0a"))]

pytestmark = pytest.mark.usefixtures("without_engines")


@pytest.fixture(scope="module")
def recorded():
    return media.encode_clip(media.astronaut_frames(15, (160, 120), face=60), 15, "vp8")


@pytest.fixture
def settings(monkeypatch):
    monkeypatch.setattr("pipeline.transcoder.SWEEP_INTERVAL", 0.05)
    return {"max_sessions": 2}


@pytest.fixture
def videos(server, recorded):
    for name in NAMES:
        (server.data / "videos" / name).write_bytes(recorded)
    return server.data / "videos"


async def listed(http, **query):
    async with http.get("/api/videos", params=query) as response:
        assert response.status == 200
        return await response.json()


async def test_pages_go_from_the_newest_to_the_oldest_and_end(http, videos):
    seen, before = [], {}
    while True:
        page = await listed(http, limit=2, **before)
        assert page["count"] == len(page["videos"]) <= 2
        seen += [clip["name"] for clip in page["videos"]]
        if page["next"] is None:
            break
        before = {"before": page["next"]}
    assert seen == NAMES[::-1]


async def test_all_clips_are_listed_where_nobody_says_how_many(http, videos):
    page = await listed(http)
    assert (page["count"], page["next"]) == (5, None)


async def test_the_clips_of_one_session_are_listed_alone(http, videos):
    assert [clip["session_id"] for clip in (await listed(http, session_id="0b"))["videos"]] == ["0b", "0b"]


async def test_a_wrong_parameter_is_named(http):
    for query in ("limit=0", "limit=601", "limit=x", "limit=", "session_id=..", f"before={'x' * 101}"):
        async with http.get(f"/videos?{query}") as response:
            body = await response.json()
        assert (response.status, body["error"]["code"]) == (400, "bad_request")
        assert query.split("=")[0] in body["error"]["message"]


async def test_an_unknown_parameter_is_passed_over(http, videos):
    assert (await listed(http, colour="blue"))["count"] == 5


async def test_a_clip_is_kept_by_the_browser_and_not_sent_twice(http, videos):
    async with http.get(f"/videos/{NAMES[0]}") as response:
        etag = response.headers["ETag"]
        assert response.headers["Last-Modified"]
        assert (
            "private" in response.headers["Cache-Control"]
            and "immutable" in response.headers["Cache-Control"]
        )
        assert "Content-Disposition" not in response.headers
    async with http.get(f"/videos/{NAMES[0]}", headers={"If-None-Match": etag}) as response:
        assert response.status == 304


async def test_a_clip_is_saved_under_its_name_where_that_is_asked_for(http, videos):
    async with http.get(f"/videos/{NAMES[0]}?download=1") as response:
        assert response.headers["Content-Disposition"] == f'attachment; filename="{NAMES[0]}"'
    async with http.get(f"/videos/{NAMES[0]}?download=1&format=mp4") as response:
        assert NAMES[0].replace(".webm", ".mp4") in response.headers["Content-Disposition"]


async def test_a_clip_is_had_as_mp4_whole_and_in_ranges(http, videos, tmp_path):
    url = f"/videos/{NAMES[0]}?format=mp4"
    async with http.get(url) as response:
        assert (response.status, response.content_type) == (200, "video/mp4")
        whole, etag = await response.read(), response.headers["ETag"]
    (tmp_path / "made.mp4").write_bytes(whole)
    with av.open(str(tmp_path / "made.mp4")) as file:
        assert file.streams.video[0].codec_context.name == "h264"
    async with http.get(url, headers={"Range": "bytes=4-7", "If-Range": etag}) as response:
        assert (response.status, await response.read()) == (206, b"ftyp")
    async with http.head(url) as response:
        assert (response.status, int(response.headers["Content-Length"])) == (200, len(whole))


async def test_a_range_that_is_not_there_is_said_so(http, videos, recorded):
    for wrong in (f"bytes={len(recorded)}-", "bytes=9-3", "lines=1-2"):
        async with http.get(f"/videos/{NAMES[0]}", headers={"Range": wrong}) as response:
            assert response.status == 416
            assert response.headers["Content-Range"] == f"bytes */{len(recorded)}"


async def test_an_mp4_leaves_with_its_clip(http, server, videos):
    async with http.get(f"/videos/{NAMES[0]}?format=mp4") as response:
        assert response.status == 200
    (made,) = (server.data / "state" / "mp4").iterdir()
    (videos / NAMES[0]).unlink()
    async with http.get(f"/videos/{NAMES[0]}?format=mp4") as response:
        assert await error_of(response) == (404, "no_such_clip")
    async with asyncio.timeout(10):
        while made.exists():
            await asyncio.sleep(0.02)


async def test_a_clip_that_cannot_be_read_has_no_mp4(http, videos):
    (videos / NAMES[0]).write_bytes(b"no clip")
    async with http.get(f"/videos/{NAMES[0]}?format=mp4") as response:
        assert await error_of(response) == (422, "clip_unreadable")


@pytest.mark.parametrize("query", ["format=gif", "format=", "download=yes"])
async def test_an_unknown_format_is_a_bad_request(http, videos, query):
    async with http.get(f"/videos/{NAMES[0]}?{query}") as response:
        assert await error_of(response) == (400, "bad_request")


@pytest.mark.parametrize(
    "name", ["none.webm", "..%2fstate%2faccess_code", "20270115T080000.000_0a.gif", "a%00b.webm"]
)
async def test_a_name_that_is_no_clips_is_not_found_in_any_format(http, videos, name):
    for query in ("", "?format=mp4"):
        async with http.get(f"/videos/{name}{query}") as response:
            assert (await error_of(response))[0] == 404


async def test_a_clip_is_deleted_with_its_picture_and_its_mp4(http, server, videos):
    picture = server.data / "state" / "thumbnails" / f"{NAMES[0]}.jpg"
    picture.write_bytes(b"a picture")
    async with http.get(f"/videos/{NAMES[0]}?format=mp4") as response:
        assert response.status == 200
    async with http.delete(f"/videos/{NAMES[0]}") as response:
        assert (response.status, await response.read()) == (204, b"")
    left = [videos / NAMES[0], picture, *(server.data / "state" / "mp4").iterdir()]
    assert not any(path.exists() for path in left)
    assert [clip["name"] for clip in (await listed(http))["videos"]] == NAMES[:0:-1]
    async with http.delete(f"/videos/{NAMES[0]}") as response:
        assert await error_of(response) == (404, "no_such_clip")


async def test_a_picture_that_cannot_be_made_now_is_to_be_asked_for_again(http, videos, monkeypatch):
    monkeypatch.setattr("web.clips.THUMBNAIL_WAIT", 0.2)
    async with http.get(f"/thumbnails/{NAMES[0]}.jpg") as response:
        assert await error_of(response) == (503, "busy") and response.headers["Retry-After"] == "2"


async def test_only_the_operator_and_its_caller_delete_a_clip(lan, tokens, videos):
    for headers in ({}, {"Authorization": f"Bearer {tokens.of('0b', time.time())}"}):
        async with lan.delete(f"/videos/{NAMES[0]}", headers=headers) as response:
            assert await error_of(response) == (404, "no_such_clip")
    mine = {"Authorization": f"Bearer {tokens.of('0a', time.time())}"}
    async with lan.delete(f"/videos/{NAMES[0]}", headers=mine) as response:
        assert response.status == 204
    assert not (videos / NAMES[0]).exists() and (videos / NAMES[2]).exists()


async def test_a_caller_sees_their_own_clips_and_no_others(
    lan, another, operator, ownership, server, recorded
):
    mine = f"20270115T080000.000_{ownership.call('ann')}.webm"
    (server.data / "videos" / mine).write_bytes(recorded)
    (server.data / "state" / "thumbnails" / f"{mine}.jpg").write_bytes(b"a picture")
    for asker, seen in ((lan, [mine]), (operator, [mine]), (another, [])):
        assert [clip["name"] for clip in (await listed(asker))["videos"]] == seen
        for path in (f"/videos/{mine}", f"/videos/{mine}?format=mp4", f"/thumbnails/{mine}.jpg"):
            async with asker.get(path) as response:
                assert response.status == (200 if seen else 404), path
    async with another.delete(f"/videos/{mine}") as response:
        assert await error_of(response) == (404, "no_such_clip")
    async with another.post("/api/analyze", json={"video_name": mine}) as response:
        assert await error_of(response) == (404, "no_such_clip")
    async with lan.delete(f"/videos/{mine}") as response:
        assert response.status == 204


async def test_another_sites_page_deletes_nothing(http, videos):
    async with http.delete(
        f"/videos/{NAMES[0]}", headers={"Origin": "https://elsewhere.example"}
    ) as response:
        assert await error_of(response) == (403, "wrong_origin")
    assert (videos / NAMES[0]).exists()


async def test_clips_tell_what_was_seen_in_them_and_are_found_by_it(http, history, videos):
    history.seen = {NAMES[1]: ClipKnown("happy", 5.0), NAMES[3]: ClipKnown("sad", 4.0)}
    told = {clip["name"]: (clip["emotion"], clip["duration"]) for clip in (await listed(http))["videos"]}
    assert told == dict.fromkeys(NAMES, (None, None)) | {
        NAMES[1]: ("happy", 5.0),
        NAMES[3]: ("sad", 4.0),
    }
    assert [clip["name"] for clip in (await listed(http, emotion="happy"))["videos"]] == [NAMES[1]]
    async with http.get("/api/videos?emotion=joyful") as response:
        assert await error_of(response) == (400, "bad_request")


async def test_clips_are_listed_while_the_history_is_in_trouble(http, history, videos):
    history.broken = True
    page = await listed(http)
    assert page["count"] == 5 and {clip["emotion"] for clip in page["videos"]} == {None}
