"""Readiness: what is missing is said, and only what a call cannot do without makes the server not ready."""

from __future__ import annotations

import pytest

from web.keys import ANALYSIS, RECEIVE, REGISTRY
from webrtc.tap import Chosen


@pytest.fixture
def settings():
    return {"emotion_engines": "embedded", "max_sessions": 2}


async def readiness(http):
    async with http.get("/readyz") as response:
        return response.status, await response.json()


async def test_a_server_whose_engine_is_loading_is_ready(http):
    nothing = {"reasons": [], "codes": [], "degraded": [], "degraded_codes": []}
    assert await readiness(http) == (200, {"ready": True, "full": False, **nothing})


async def test_without_an_engine_it_is_not_ready(http, app):
    app[ANALYSIS].engine("embedded").unload()
    status, body = await readiness(http)
    assert (status, body["ready"]) == (503, False) and "engine" in body["reasons"][0]
    assert body["codes"] == ["no_engine"]


async def test_with_a_folder_that_takes_nothing_it_is_not_ready(http, server):
    videos = server.data / "videos"
    videos.rmdir()
    videos.write_bytes(b"a file where the folder was")
    status, body = await readiness(http)
    assert (status, body["ready"]) == (503, False) and "data folder" in body["reasons"][0]
    assert body["codes"] == ["clips_unwritable"]


async def test_without_the_history_it_is_ready_and_says_so(http, history):
    history.broken = True
    status, body = await readiness(http)
    assert (status, body["ready"]) == (200, True) and "another program" in body["degraded"][0]
    assert (body["codes"], body["degraded_codes"]) == ([], ["history_locked"])


async def test_with_aiortcs_own_receive_path_in_place_of_the_lean_one_it_is_ready_and_says_why(http, app):
    app._state[RECEIVE] = Chosen("aiortc", "this aiortc has no RTCRtpReceiver _track")
    status, body = await readiness(http)
    assert (status, body["ready"]) == (200, True)
    assert "costs more" in body["degraded"][0] and "_track" in body["degraded"][0]
    async with http.get("/status") as response:
        assert (await response.json())["receive"]["way"] == "aiortc"


async def test_a_full_server_is_ready_and_says_that_it_is_full(http, app):
    app[REGISTRY].max_sessions = 0
    status, body = await readiness(http)
    assert (status, body["full"]) == (200, True)


async def test_readiness_and_figures_are_not_for_strangers(http):
    for path in ("/readyz", "/metrics"):
        async with http.get(path, headers={"X-Forwarded-For": "10.0.0.7"}) as response:
            assert response.status == 401
