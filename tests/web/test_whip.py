"""WHIP over HTTP, one status after the other (RFC 9725), and who may publish."""

from __future__ import annotations

import pytest
from aiortc.sdp import SessionDescription

from tests.web.conftest import FROM_ELSEWHERE
from tests.web.test_api import error_of
from tests.webrtc.whip.offers import h264, offer
from web.keys import ICE_SERVERS, REGISTRY
from web.limits import Limits
from web.whip import ice_links
from webrtc.network import IceServer

pytestmark = pytest.mark.usefixtures("without_engines")

SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}
TRICKLE = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=ice-ufrag:EsAw\r\na=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y\r\n"
)
CANDIDATE = "a=candidate:1 1 udp 2122260223 192.0.2.77 61764 typ host\r\n"
RESTART = "a=ice-ufrag:ysXw\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\n"


@pytest.fixture
def limits():
    return Limits(requests=None, offers=None)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr("web.codes.WRONG_CODE_DELAY", 0.0)


@pytest.fixture
def streams(app):
    return app[REGISTRY]


async def published(http, **headers):
    """The headers of the answer to an offer."""
    async with http.post("/whip", data=offer(), headers=SDP | headers) as response:
        assert response.status == 201, await response.text()
        return response.headers


def bearer(code):
    return {"Authorization": f"Bearer {code}"}


async def test_an_offer_is_answered_with_201_an_address_and_an_entity_tag(http, streams):
    async with http.post("/whip", data=offer(h264()), headers=SDP) as response:
        assert response.status == 201 and response.content_type == "application/sdp"
        answer = SessionDescription.parse(await response.text())
        assert response.headers["ETag"].startswith('"')
        location = response.headers["Location"]
    (session,) = streams
    assert [media.kind for media in answer.media] == ["audio", "video"]
    assert location.startswith("/whip/") and session.id not in location
    assert len(location) >= 38, "it cannot be guessed"
    assert session.id in next(link for link in response.headers.getall("Link") if 'rel="monitor"' in link)


async def test_every_ice_server_is_a_link(app, http, monkeypatch):
    servers = [
        IceServer(("stun:stun.example.net",)),
        IceServer(("turn:turn.example.net?transport=udp", "turns:turn.example.net"), 'us"er', "a\\b"),
    ]
    monkeypatch.setattr(app[ICE_SERVERS], "fresh", lambda now: servers)
    links = [link for link in (await published(http)).getall("Link") if "ice-server" in link]
    secret = r'rel="ice-server"; username="us\"er"; credential="a\\b"; credential-type="password"'
    assert (
        links
        == ice_links(servers)
        == [
            '<stun:stun.example.net>; rel="ice-server"',
            f"<turn:turn.example.net?transport=udp>; {secret}",
            f"<turns:turn.example.net>; {secret}",
        ]
    )


async def test_the_first_candidate_is_ipv4_and_can_be_reached(http):
    async with http.post("/whip", data=offer(), headers=SDP) as response:
        answer = SessionDescription.parse(await response.text())
    for media in answer.media:
        if any("." in candidate.ip for candidate in media.ice_candidates):
            assert "." in media.ice_candidates[0].ip


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/sdpx", ""])
async def test_what_is_no_sdp_by_its_type_is_415_and_says_what_is(http, streams, kind):
    async with http.post("/whip", data=offer().encode(), headers={"Content-Type": kind}) as response:
        assert await error_of(response) == (415, "unsupported_media_type")
        assert response.headers["Accept-Post"] == "application/sdp"
    assert len(streams) == 0


@pytest.mark.parametrize(
    ("sdp", "status", "code"),
    [
        ("", 400, "bad_sdp"),
        ("hello", 400, "bad_sdp"),
        (b"v=0\xff", 400, "bad_sdp"),
        (offer().replace("a=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y", ""), 400, "bad_sdp"),
        (offer(sections=""), 422, "no_media"),
        (offer(direction="recvonly"), 422, "not_sending"),
        (offer("a=rtpmap:96 AV1/90000\n"), 422, "no_codec"),
        ("v=0\r\n" + "x" * 70_000, 413, "too_large"),
    ],
)
async def test_what_cannot_be_answered_is_refused_and_leaves_nothing(http, streams, sdp, status, code):
    async with http.post("/whip", data=sdp, headers=SDP) as response:
        assert await error_of(response) == (status, code)
    assert len(streams) == 0


async def test_a_type_with_a_parameter_is_the_same_type(http):
    async with http.post(
        "/whip", data=offer(), headers={"Content-Type": "application/sdp; charset=utf-8"}
    ) as said:
        assert said.status == 201


async def test_when_all_places_are_taken_it_is_503_with_the_time_to_wait(http):
    for _ in range(2):
        await published(http)
    async with http.post("/whip", data=offer(), headers=SDP) as response:
        assert await error_of(response) == (503, "too_many_sessions")
        assert int(response.headers["Retry-After"]) > 0


async def test_a_candidate_with_the_right_tag_is_204_without_content_or_tag(http, streams):
    stream = await published(http)
    headers = FRAGMENT | {"If-Match": stream["ETag"]}
    async with http.patch(stream["Location"], data=TRICKLE + CANDIDATE, headers=headers) as response:
        assert response.status == 204 and await response.read() == b""
        assert "ETag" not in response.headers
    (session,) = streams
    peer = session._publisher._peer
    assert [each.ip for each in peer.getReceivers()[0].transport.transport.getRemoteCandidates()] == [
        "192.0.2.77"
    ]


@pytest.mark.parametrize(
    "candidate",
    [
        "a=candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active\r\n",
        "a=candidate:1 1 udp 1518280447 not-an-address 9 typ host\r\n",
        "a=candidate:1 1 udp 1518280447 192.0.2.1 9 typ unheard-of\r\n",
        "a=end-of-candidates\r\n",
    ],
)
async def test_a_candidate_that_cannot_be_used_is_passed_over(http, candidate):
    stream = await published(http)
    headers = FRAGMENT | {"If-Match": stream["ETag"]}
    async with http.patch(stream["Location"], data=TRICKLE + candidate, headers=headers) as response:
        assert response.status == 204


async def test_candidates_without_end_are_taken_up_to_a_number(http, streams):
    stream = await published(http)
    headers = FRAGMENT | {"If-Match": stream["ETag"]}
    for number in range(3):
        many = "".join(CANDIDATE.replace("61764", str(1000 + 60 * number + each)) for each in range(60))
        async with http.patch(stream["Location"], data=TRICKLE + many, headers=headers) as response:
            assert response.status == 204
    (session,) = streams
    transport = session._publisher._peer.getReceivers()[0].transport.transport
    assert len(transport.getRemoteCandidates()) == 64


async def test_without_a_tag_it_is_428_and_with_another_412_and_the_stream_goes_on(http):
    stream = await published(http)
    tag = stream["ETag"]
    for if_match, expected in (
        ({}, (428, "precondition_required")),
        ({"If-Match": '"other"'}, (412, "precondition_failed")),
        ({"If-Match": f"W/{tag}"}, (412, "precondition_failed")),
        ({"If-Match": "nonsense"}, (412, "precondition_failed")),
        ({"If-Match": ""}, (412, "precondition_failed")),
    ):
        headers = FRAGMENT | if_match
        async with http.patch(stream["Location"], data=TRICKLE + CANDIDATE, headers=headers) as response:
            assert await error_of(response) == expected
    headers = FRAGMENT | {"If-Match": f'"other", {tag}'}
    async with http.patch(stream["Location"], data=TRICKLE + CANDIDATE, headers=headers) as response:
        assert response.status == 204


@pytest.mark.parametrize("by", ["*", "tag"])
async def test_an_ice_restart_is_422_and_the_stream_is_kept(http, streams, by):
    stream = await published(http)
    headers = FRAGMENT | {"If-Match": "*" if by == "*" else stream["ETag"]}
    async with http.patch(stream["Location"], data=RESTART, headers=headers) as response:
        assert await error_of(response) == (422, "no_ice_restart")
    async with http.get(stream["Location"]) as response:
        assert response.status == 204
    assert len(streams) == 1


async def test_a_patch_of_another_type_is_415_and_one_that_is_no_fragment_400(http):
    stream = await published(http)
    match = {"If-Match": stream["ETag"]}
    async with http.patch(stream["Location"], data=TRICKLE, headers=SDP | match) as response:
        assert await error_of(response) == (415, "unsupported_media_type")
        assert response.headers["Accept-Patch"] == "application/trickle-ice-sdpfrag"
    for body in ("", "hello", "a=candidate:1 1 udp\r\n"):
        async with http.patch(stream["Location"], data=body, headers=FRAGMENT | match) as response:
            assert await error_of(response) == (400, "bad_sdp")


async def test_delete_is_200_whatever_tag_is_sent_and_then_there_is_no_stream(http, server):
    stream = await published(http)
    async with http.delete(stream["Location"], headers={"If-Match": '"other"'}) as response:
        assert response.status == 200
    for method, more in (("DELETE", {}), ("GET", {}), ("PATCH", {"data": TRICKLE, "headers": FRAGMENT})):
        async with http.request(method, stream["Location"], **more) as response:
            assert await error_of(response) == (404, "no_such_stream")
    await server.until(lambda status: status["sessions"] == [])


async def test_get_and_head_have_no_content(http):
    stream = await published(http)
    for path in ("/whip", stream["Location"]):
        for method in ("GET", "HEAD"):
            async with http.request(method, path) as response:
                assert response.status == 204 and await response.read() == b""


async def test_other_methods_are_405_with_those_that_are_right(http):
    stream = await published(http)
    for path, methods in (
        ("/whip", ("PUT", "PATCH", "DELETE")),
        (stream["Location"], ("PUT", "POST", "OPTIONS")),
    ):
        for method in methods:
            async with http.request(method, path) as response:
                assert await error_of(response) == (405, "method_not_allowed") and response.headers["Allow"]


async def test_options_is_200_for_everybody_and_shares_nothing(http):
    for headers in ({}, FROM_ELSEWHERE):
        async with http.options("/whip", headers=headers) as response:
            assert response.status == 200 and response.headers["Accept-Post"] == "application/sdp"
            assert "POST" in response.headers["Allow"]
            assert not [name for name in response.headers if name.lower().startswith("access-control")]
    elsewhere = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    async with http.options("/whip", headers=elsewhere) as response:
        assert await error_of(response) == (403, "wrong_origin")


async def test_the_id_of_a_session_is_no_address_of_its_stream(http, streams):
    await published(http)
    (session,) = streams
    async with http.delete(f"/whip/{session.id}") as response:
        assert await error_of(response) == (404, "no_such_stream")
    assert len(streams) == 1


async def test_the_call_of_a_page_is_no_stream(http, streams):
    async with http.post("/offer", json={"sdp": offer(), "type": "offer"}) as response:
        session_id = (await response.json())["session_id"]
    for resource in (session_id, "x", "None"):
        async with http.delete(f"/whip/{resource}") as response:
            assert await error_of(response) == (404, "no_such_stream")
    assert len(streams) == 1


class TestFromTheNetwork:
    async def test_the_access_code_is_the_bearer_token_and_the_operators_too(self, http, server, streams):
        for role, code in server.running.access.codes.items():
            stream = await published(http, **FROM_ELSEWHERE, **bearer(code))
            asked = FROM_ELSEWHERE | bearer(code)
            async with http.get(stream["Location"], headers=asked) as response:
                assert response.status == 204, role
            async with http.delete(stream["Location"], headers=asked) as response:
                assert response.status == 200

    async def test_without_a_token_or_with_a_wrong_one_it_is_401_and_says_what_is_wanted(self, http, streams):
        for given in ({}, bearer("wrong"), {"Authorization": "Basic YTpi"}, bearer("")):
            headers = SDP | FROM_ELSEWHERE | given
            async with http.post("/whip", data=offer(), headers=headers) as response:
                assert await error_of(response) == (401, "access_code_required")
                assert response.headers["WWW-Authenticate"] == "Bearer"
        assert len(streams) == 0

    async def test_wrong_codes_are_slowed_down_as_on_the_codes_page_and_logged(self, http, server, caplog):
        code = server.running.access.codes["caller"]
        statuses = []
        for number in range(8):
            headers = SDP | FROM_ELSEWHERE | bearer(f"guess {number}")
            async with http.post("/whip", data=offer(), headers=headers) as response:
                statuses.append(response.status)
        assert statuses == [401] * 6 + [429] * 2
        async with http.post("/whip", data=offer(), headers=SDP | FROM_ELSEWHERE | bearer(code)) as response:
            assert response.status == 429, "the right one waits too"
        async with http.post("/code", data={"code": code}, headers=FROM_ELSEWHERE) as response:
            assert response.status == 429, "and there is one limit for both"
        said = [
            record.getMessage() for record in caplog.records if "wrong access code" in record.getMessage()
        ]
        assert len(said) == 6 and not any("guess" in line for line in said)

    async def test_the_token_opens_nothing_but_whip_and_the_events_of_what_it_published(self, http, server):
        code = server.running.access.codes["caller"]
        asked = FROM_ELSEWHERE | bearer(code)
        stream = await published(http, **asked)
        for path in ("/status", "/api/sessions", "/api/videos", "/", "/whip/x/y", "/api/chat/history"):
            async with http.get(path, headers=asked) as response:
                assert await error_of(response) == (401, "access_code_required"), path
        events = stream["Link"].partition("<")[2].partition(">")[0]
        async with http.get(events, headers=asked) as response:
            assert response.status == 200 and response.content_type == "text/event-stream"

    async def test_a_browser_that_has_entered_the_code_publishes_as_the_caller_it_is(
        self, lan, another, streams
    ):
        stream = await published(lan)
        events = stream["Link"].partition("<")[2].partition(">")[0]
        async with lan.get("/status") as response:
            assert len((await response.json())["sessions"]) == 1
        async with another.get(events) as response:
            assert await error_of(response) == (404, "no_such_session")
        async with lan.get(events) as response:
            assert response.status == 200
