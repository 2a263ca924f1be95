"""Sessions over HTTP: who may ask, what is told, exports that leave nothing, and deletion that leaves nothing."""

from __future__ import annotations

import asyncio
import io
import logging
import time
import zipfile

import pytest
from aiortc import RTCPeerConnection

from pipeline.history.records import SessionBegan
from tests.web.test_api import error_of
from web.keys import REGISTRY

ID = "0a1b"
CLIP = f"20270115T080000.250_{ID}.webm"
PATHS = [f"/api/sessions/{ID}", f"/api/sessions/{ID}/timeline", f"/api/sessions/{ID}/export"]

pytestmark = pytest.mark.usefixtures("without_engines")


@pytest.fixture
def kept(history):
    for index in range(5):
        history.put(SessionBegan(session_id=f"0a{index}b", kind="call", at=1.8e9 + index))


@pytest.fixture
async def call(http):
    """A call that has been offered and answered."""
    peer = RTCPeerConnection()
    peer.addTransceiver("video")
    await peer.setLocalDescription(await peer.createOffer())
    async with http.post("/offer", json={"sdp": peer.localDescription.sdp, "type": "offer"}) as response:
        yield await response.json()
    await peer.close()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


async def test_the_sessions_are_listed_by_the_page_for_this_machine(http, kept):
    async with http.get("/api/sessions?limit=2") as response:
        page = await response.json()
    assert [session["session_id"] for session in page["sessions"]] == ["0a4b", "0a3b"]
    async with http.get("/api/sessions", params={"limit": 2, "before": page["next"]}) as response:
        assert [session["session_id"] for session in (await response.json())["sessions"]] == ["0a2b", "0a1b"]


async def test_a_page_that_was_not_given_out_is_a_bad_request(http):
    async with http.get("/api/sessions?before=") as response:
        assert await error_of(response) == (400, "bad_request")


async def test_a_caller_is_listed_their_own_sessions_however_many_others_there_are(
    lan, another, operator, ownership, history, monkeypatch
):
    monkeypatch.setattr("web.sessions.MOST_LISTED", 5)
    monkeypatch.setattr("web.sessions.MOST_SEARCHED", 10)
    own = {ownership.call("ann") for _ in range(4)}
    for session_id in own | {ownership.call("bob") for _ in range(20)}:
        history.put(SessionBegan(session_id=session_id, kind="call", at=1.8e9))
    seen, before, asked = set(), {}, 0
    while before is not None:
        async with lan.get("/api/sessions", params={"limit": 1} | before) as response:
            page = await response.json()
        asked += 1
        seen |= {session["session_id"] for session in page["sessions"]}
        before = page["next"] and {"before": page["next"]}
    assert seen == own and asked <= 5
    async with operator.get("/api/sessions") as response:
        assert len((await response.json())["sessions"]) == 24


@pytest.mark.parametrize("path", PATHS)
async def test_a_session_is_told_to_this_machine_and_to_whoever_has_its_token(http, lan, tokens, kept, path):
    async with http.get(path) as response:
        assert response.status == 200
    async with lan.get(path, headers=bearer(tokens.of(ID, time.time()))) as response:
        assert response.status == 200


async def test_a_session_is_its_callers_by_their_cookie_alone(lan, another, operator, ownership, history):
    mine = ownership.call("ann")
    history.put(SessionBegan(session_id=mine, kind="call", at=1.8e9))
    for path in PATHS:
        for asker, status in ((lan, 200), (operator, 200), (another, 404)):
            async with asker.get(path.replace(ID, mine)) as response:
                assert response.status == status
    async with another.delete(f"/api/sessions/{mine}") as response:
        assert await error_of(response) == (404, "no_such_session")
    assert mine in history.began


@pytest.mark.parametrize("path", PATHS)
async def test_to_anybody_else_it_is_as_if_it_were_not_there(lan, tokens, kept, path):
    for headers in (
        {},
        bearer("guessed"),
        bearer(tokens.of("0a2b", time.time())),
        {"Authorization": tokens.of(ID, time.time())},
    ):
        async with lan.get(path, headers=headers) as response:
            theirs = await response.read()
            assert response.status == 404
        async with lan.get(path.replace(ID, "none"), headers=headers) as response:
            assert (response.status, await response.read()) == (404, theirs)
    async with lan.delete(PATHS[0]) as response:
        assert await error_of(response) == (404, "no_such_session")


async def test_an_id_that_none_can_have_is_a_bad_request(http):
    for path in ("/api/sessions/a.b", "/api/sessions/..%2fx", f"/api/sessions/{'x' * 65}/timeline"):
        async with http.get(path) as response:
            assert await error_of(response) == (400, "bad_request")


async def test_the_timeline_is_had_as_csv_to_be_saved(http, kept):
    async with http.get(f"/api/sessions/{ID}/timeline?format=csv") as response:
        assert response.content_type == "text/csv"
        assert response.headers["Content-Disposition"] == f'attachment; filename="mien-{ID}.csv"'
        assert await response.text() == "at,emotion\r\n"
    async with http.get("/api/sessions/none/timeline?format=csv") as response:
        assert await error_of(response) == (404, "no_such_session")


async def test_an_export_holds_the_clips_and_is_gone_once_it_was_sent(http, server, kept, caplog):
    (server.data / "videos" / CLIP).write_bytes(b"clip")
    for _ in range(2):
        async with http.get(f"/api/sessions/{ID}/export") as response:
            assert response.content_type == "application/zip"
            archive = zipfile.ZipFile(io.BytesIO(await response.read()))
        assert set(archive.namelist()) == {"session.json", f"media/{CLIP}"}
    async with http.get("/api/sessions/none/export") as response:
        assert await error_of(response) == (404, "no_such_session")
    async with asyncio.timeout(10):
        while list((server.data / "state" / "exports").iterdir()):
            await asyncio.sleep(0.01)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_an_export_for_somebody_who_has_gone_leaves_nothing(http, server, history, kept, monkeypatch):
    may_end, exports = asyncio.Event(), server.data / "state" / "exports"

    async def slow(session_id, media, into):
        into.write_bytes(b"half")
        await may_end.wait()
        into.write_bytes(b"whole")
        return True

    monkeypatch.setattr(history, "export", slow)
    asking = asyncio.create_task(http.get(PATHS[2]).__aenter__())
    async with asyncio.timeout(10):
        while not list(exports.iterdir()):
            await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.wait([asking])
        may_end.set()
        while list(exports.iterdir()):
            await asyncio.sleep(0.01)


async def test_more_exports_than_there_is_room_for_are_turned_away(http, kept, monkeypatch):
    monkeypatch.setattr("web.exports.MOST", 0)
    async with http.get(PATHS[2]) as response:
        assert await error_of(response) == (503, "busy")


async def test_deleting_a_session_takes_its_clips_pictures_and_mp4s_along(http, server, chat, history, kept):
    state = server.data / "state"
    paths = [
        server.data / "videos" / CLIP,
        state / "thumbnails" / f"{CLIP}.jpg",
        state / "mp4" / f"{CLIP}.mp4",
    ]
    for path in paths:
        path.write_bytes(b"face")
    await chat.conversation(ID)
    async with http.delete(PATHS[0]) as response:
        assert response.status == 204
    assert not any(path.exists() for path in paths)
    assert ID not in history.began and ID not in chat.conversations
    async with http.delete(PATHS[0]) as response:
        assert await error_of(response) == (404, "no_such_session")
    assert len(history.began) == 4


async def test_deleting_a_session_takes_its_exports_along(http, server, history, kept, monkeypatch):
    may_end, exports = asyncio.Event(), server.data / "state" / "exports"

    async def slow(session_id, media, into):
        into.write_bytes(b"whole")
        into.with_name(f"{into.name}.part").write_bytes(b"half, of an earlier process")
        await may_end.wait()
        return True

    monkeypatch.setattr(history, "export", slow)
    asking = asyncio.create_task(http.get(PATHS[2]).__aenter__())
    other = asyncio.create_task(http.get("/api/sessions/0a2b/export").__aenter__())
    async with asyncio.timeout(10):
        while len(list(exports.iterdir())) < 4:
            await asyncio.sleep(0.01)
        async with http.delete(PATHS[0]) as response:
            assert response.status == 204
        assert len(list(exports.iterdir())) == 2
        may_end.set()
        assert await error_of(await asking) == (404, "no_such_session")
        assert (await other).status == 200
        while list(exports.iterdir()):
            await asyncio.sleep(0.01)


async def test_a_conversation_that_is_asked_for_during_a_deletion_goes_too(
    http, chat, history, kept, monkeypatch
):
    delete = history.delete

    async def meanwhile(session_id):
        await chat.conversation(session_id)
        return await delete(session_id)

    monkeypatch.setattr(history, "delete", meanwhile)
    async with http.delete(PATHS[0]) as response:
        assert response.status == 204
    assert ID not in chat.conversations


async def test_a_caller_deletes_their_own_session_from_the_network(lan, tokens, history, kept):
    async with lan.delete(PATHS[0], headers=bearer(tokens.of(ID, time.time()))) as response:
        assert response.status == 204
    assert ID not in history.began


async def test_deleting_a_call_ends_it_first(http, app, call):
    assert call["session_id"] in app[REGISTRY]
    async with http.delete(f"/api/sessions/{call['session_id']}") as response:
        assert response.status == 204
    assert call["session_id"] not in app[REGISTRY]


async def test_without_the_history_it_is_said_so(http, history, kept):
    history.broken = True
    for path in ("/api/sessions", *PATHS):
        async with http.get(path) as response:
            assert await error_of(response) == (503, "history_locked")
    async with http.delete(PATHS[0]) as response:
        assert await error_of(response) == (503, "history_locked")


async def test_leaving_a_session_that_is_not_there_is_a_success(http):
    async with http.post("/api/sessions/none/leave", json={"token": "x"}) as response:
        assert response.status == 204
