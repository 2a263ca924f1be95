"""The HTTP interface: signalling and what it refuses, leaving, status, clips."""

from __future__ import annotations

import asyncio

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription

from bench.caller import Caller, Source
from bench.media import material
from tests import media

NAME = "20270115T080000.250_0a1b.webm"


@pytest.fixture(scope="module")
def source():
    return Source.read(material("vp8", (320, 240)))


async def error_of(response):
    body = await response.json()
    assert set(body) == {"error"} and set(body["error"]) == {"code", "message"}
    return response.status, body["error"]["code"]


async def test_the_server_says_that_it_is_up_and_which_version_it_is(http):
    async with http.get("/healthz") as response:
        assert await response.json() == {"status": "ok", "version": "0.1.0"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_request"),
        (b"[]", 400, "bad_request"),
        (b'{"sdp": "x"}', 400, "bad_request"),
        (b'{"sdp": 1, "type": "offer"}', 400, "bad_request"),
        (b'{"sdp": "v=0", "type": "answer"}', 400, "bad_request"),
        (b'{"sdp": "hello", "type": "offer"}', 400, "bad_sdp"),
        (b'{"sdp": "", "type": "offer"}', 400, "bad_sdp"),
        (b'{"sdp": "v=0\\r\\no=- 1 1 IN IP4 0.0.0.0\\r\\ns=-\\r\\nt=0 0\\r\\n", "type": "offer"}', 400, "no_media"),
        (b'{"sdp": "v=0\\r\\no=- 1 1 IN IP4 0.0.0.0\\r\\ns=-\\r\\nt=0 0\\r\\nm=audio 9 X 1\\r\\n",'
         b' "type": "offer"}', 400, "bad_sdp"),
        (b"x" * 66_000, 413, "too_large"),
        (b'{"sdp": "v=0\\r\\n' + b"a=candidate:1 1 udp 1 10.0.0.1 9 typ host\\r\\n" * 100 + b'", "type": "offer"}',
         400, "bad_sdp"),
    ],
)  # fmt: skip
async def test_an_offer_that_cannot_be_answered_is_refused_in_the_one_shape(http, server, body, status, code):
    async with http.post("/offer", data=body) as response:
        assert await error_of(response) == (status, code)
    assert (await server.status())["sessions"] == []


async def test_an_offer_of_a_data_channel_alone_has_no_media(http):
    peer = RTCPeerConnection()
    peer.createDataChannel("events")
    await peer.setLocalDescription(await peer.createOffer())
    offer = {"sdp": peer.localDescription.sdp, "type": "offer"}
    async with http.post("/offer", json=offer) as response:
        assert await error_of(response) == (400, "no_media")
    await peer.close()


async def test_an_offer_with_two_cameras_is_refused(http):
    peer = RTCPeerConnection()
    for _ in range(2):
        peer.addTransceiver("video")
    await peer.setLocalDescription(await peer.createOffer())
    async with http.post("/offer", json={"sdp": peer.localDescription.sdp, "type": "offer"}) as response:
        assert await error_of(response) == (400, "bad_sdp")
    await peer.close()


@pytest.mark.slow
async def test_a_page_gone_before_it_read_the_answer_is_freed_within_six_seconds(http, server, source):
    peer = RTCPeerConnection()
    peer.addTransceiver("video")
    await peer.setLocalDescription(await peer.createOffer())
    async with http.post("/offer", json={"sdp": peer.localDescription.sdp, "type": "offer"}) as response:
        assert response.status == 200
    await server.until(lambda s: s["sessions"] == [], within=6)
    await peer.close()


@pytest.mark.slow
async def test_a_page_that_is_there_is_given_time_to_open_its_channel(http, server, source, monkeypatch):
    monkeypatch.setattr("webrtc.connection.CONNECT_TIMEOUT", 0.5)
    monkeypatch.setattr("webrtc.connection.OPEN_TIMEOUT", 4.0)
    peer = RTCPeerConnection()
    peer.addTransceiver("video")
    await peer.setLocalDescription(await peer.createOffer())
    async with http.post("/offer", json={"sdp": peer.localDescription.sdp, "type": "offer"}) as response:
        answer = await response.json()
    await peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
    await asyncio.sleep(2.5)
    assert len((await server.status())["sessions"]) == 1
    await server.until(lambda s: s["sessions"] == [], within=6)
    await peer.close()


async def test_one_caller_too_many_is_told_when_to_come_back(http, server, source):
    callers = [Caller(server.url, source) for _ in range(2)]
    for caller in callers:
        await caller.connect()
    async with http.post("/offer", json={"sdp": "v=0", "type": "offer"}) as response:
        assert int(response.headers["Retry-After"]) > 0
        assert await error_of(response) == (503, "too_many_sessions")
    for caller in callers:
        await caller.close()


async def test_a_page_leaves_with_its_token_and_nobody_else_can_make_it(http, server, source):
    caller = Caller(server.url, source)
    await caller.connect()
    path = f"/api/sessions/{caller.answer['session_id']}/leave"
    async with http.post(path, json={"token": "guessed"}) as response:
        assert await error_of(response) == (404, "no_such_session")
    assert len((await server.status())["sessions"]) == 1
    async with http.post(path, json={"token": caller.answer["token"]}) as response:
        assert response.status == 204
    await server.until(lambda s: s["sessions"] == [])
    async with http.post(path, json={"token": caller.answer["token"]}) as response:
        assert response.status == 204  # the channel's end was quicker than the beacon
    await caller.close()


async def test_clips_are_listed_and_served_with_ranges(http, server):
    (server.data / "videos" / NAME).write_bytes(b"0123456789")
    for path in ("/videos", "/api/videos"):
        async with http.get(path) as response:
            (clip,) = (await response.json())["videos"]
            assert (clip["name"], clip["size"], clip["session_id"]) == (NAME, 10, "0a1b")
    async with http.get(clip["url"], headers={"Range": "bytes=2-4"}) as response:
        assert (response.status, await response.read()) == (206, b"234")
        assert response.content_type == "video/webm"


async def test_a_picture_is_made_when_somebody_first_asks_for_it(http, server):
    pictures = server.data / "state" / "thumbnails"
    clip = media.encode_clip(media.astronaut_frames(15, (160, 120), face=60), 15, "vp8")
    (server.data / "videos" / NAME).write_bytes(clip)
    assert list(pictures.iterdir()) == []
    async with http.get(f"/thumbnails/{NAME}.jpg") as response:
        jpeg = await response.read()
        assert (response.status, response.content_type, jpeg[:2]) == (200, "image/jpeg", b"\xff\xd8")
    assert (pictures / f"{NAME}.jpg").read_bytes() == jpeg
    (pictures / f"{NAME}.jpg").write_bytes(b"kept")
    async with http.get(f"/thumbnails/{NAME}.jpg") as response:
        assert await response.read() == b"kept"


async def test_of_a_clip_in_which_nothing_can_be_seen_there_is_no_picture(http, server):
    (server.data / "videos" / NAME).write_bytes(b"clip")
    async with http.get(f"/thumbnails/{NAME}.jpg") as response:
        assert await error_of(response) == (404, "no_such_thumbnail")
    assert list((server.data / "state" / "thumbnails").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    ["/videos/nothing.webm", "/videos/..%2fstate%2faccess_code", "/videos/%2e%2e/state/access_code",
     "/thumbnails/..%2f..%2fstate%2faccess_code.jpg", "/nowhere"],
)  # fmt: skip
async def test_what_is_not_there_is_a_404_in_the_one_shape(http, path):
    async with http.get(path) as response:
        assert (await error_of(response))[0] == 404


async def test_a_wrong_method_says_which_are_right(http):
    async with http.get("/offer") as response:
        assert response.headers["Allow"] == "POST"
        assert await error_of(response) == (405, "method_not_allowed")


async def test_a_body_that_is_not_encoded_as_its_headers_say_is_a_bad_request(http):
    async with http.post("/offer", data=b"plain", headers={"Content-Encoding": "gzip"}) as response:
        assert await error_of(response) == (400, "bad_request")
