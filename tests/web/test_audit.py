"""What the audit log is told of requests: who asked for what, and never what was in it."""

from __future__ import annotations

import asyncio
import json
import time

from pipeline.history.records import SessionBegan
from pipeline.library import clip_name
from tests.web.conftest import FROM_ELSEWHERE

CALL = "0a1b2c3d4e5f"
CLIP = clip_name(1_700_000_000.0, CALL, "webm")


async def audited(server, count):
    """The events of requests so far, once there are so many."""
    path = server.data / "state" / "audit.log"
    async with asyncio.timeout(5):
        while True:
            text = await asyncio.to_thread(path.read_text) if path.exists() else ""
            lines = [json.loads(line) for line in text.splitlines()]
            lines = [line for line in lines if line["event"] != "server_started"]
            if len(lines) >= count:
                return text, [
                    tuple(line.get(name) for name in ("event", "who", "session_id", "what")) for line in lines
                ]
            await asyncio.sleep(0.02)


def keep(server, history):
    (server.data / "videos" / CLIP).write_bytes(b"not a film")
    history.put(SessionBegan(session_id=CALL, kind="call", at=1.0))


async def test_codes_are_told_of_without_the_code(server, http):
    codes = server.running.access.codes
    for typed in ("nonsense", *codes.values()):
        await http.post("/code", data={"code": typed}, headers=FROM_ELSEWHERE, allow_redirects=False)
    text, events = await audited(server, 3)
    accepted = [("code_accepted", None, None, role) for role in codes]
    assert events == [("code_refused", None, None, None), *accepted]
    assert not any(code in text for code in codes.values()) and "nonsense" not in text and '"address"' in text


async def test_what_is_taken_away_and_deleted_is_told_of_with_who_did(server, history, http, lan, tokens):
    keep(server, history)
    token = tokens.of(CALL, time.time())
    caller = {"Authorization": f"Bearer {token}"}
    for method, path, headers in (
        ("GET", f"/videos/{CLIP}", {}),
        ("GET", f"/videos/{CLIP}", {"Range": "bytes=4-"}),
        ("HEAD", f"/videos/{CLIP}", {}),
        ("GET", f"/api/sessions/{CALL}/export", {}),
        ("GET", f"/api/sessions/{CALL}/timeline?format=csv", {}),
    ):
        async with http.request(method, path, headers=headers) as response:
            assert response.ok
            await response.read()
    async with lan.get(f"/api/sessions/{CALL}/export", headers=caller) as response:
        await response.read()
    assert (await lan.delete(f"/videos/{CLIP}", headers=caller)).status == 204
    assert (await lan.delete(f"/api/sessions/{CALL}", headers=caller)).status == 204
    text, events = await audited(server, 6)
    here = "this machine"
    assert events == [
        ("clip_downloaded", here, CALL, None),
        ("export_made", here, CALL, "zip"),
        ("export_made", here, CALL, "csv"),
        ("export_made", "caller", CALL, "zip"),
        ("clip_deleted", "caller", CALL, None),
        ("session_deleted", "caller", CALL, None),
    ]
    assert token not in text


async def test_what_was_refused_or_not_there_is_not_told_of(server, http, lan):
    for asker, path in (
        (lan, f"/api/sessions/{CALL}"),
        (http, f"/api/sessions/{CALL}"),
        (http, f"/videos/{CLIP}"),
    ):
        assert (await asker.delete(path)).status == 404
    await http.post("/api/engines/embedded/unload")
    _, events = await audited(server, 1)
    assert events == [("engine_unloaded", "this machine", None, "embedded")]
