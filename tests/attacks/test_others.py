"""Others' things: what carries an id of something that is another's is answered as if it were not there, to the byte.

The requests are made from the table of operations, so that none can be forgotten.
"""

from __future__ import annotations

import json
import re
import time

import aiohttp
import pytest

from bench.caller import Caller, Source
from bench.media import material
from pipeline.history.records import SessionBegan
from tests.attacks.raw import ask, well
from tests.openai_server import Behaviour, OpenAIServer
from tests.server import serving
from web.access import LIFE
from web.limits import Limits
from web.routes import OPERATIONS

pytestmark = pytest.mark.usefixtures("without_engines")

NAMED = {"session_id", "name", "video_name", "message_id"}
"""Parts of a path, of a query or of a body that name something which is somebody's."""

NOTHING_OF_ANYBODYS = {"load", "unload"}
"""Operations whose `name` is an engine's, which is the operator's affair."""

BEGINS_ANOTHER = {"offer"}
"""Operations that begin a session where the one that is named is not the asker's: tests of the session show that."""

LISTS = {"list_clips": "videos", "list_clips_as_before": "videos", "list_recordings": "recordings"}
"""Operations that answer for another's session with an empty list, and what it is called."""


def named(operation):
    """What of an operation names something that is somebody's."""
    models = [operation.parts, operation.query, *operation.body.values()]
    return sorted({field for model in models if model is not None for field in model.model_fields} & NAMED)


CASES = [
    operation
    for operation in OPERATIONS
    if named(operation) and operation.name not in NOTHING_OF_ANYBODYS | BEGINS_ANOTHER
]


@pytest.fixture
def limits():
    return Limits(requests=None, offers=None, messages=None)


@pytest.fixture
def world(server, history, ownership, tokens):
    """What ann and bob have, and an id that nobody has."""

    class World:
        access = server.running.access
        ann, bob, nobody = ownership.call("ann"), ownership.call("bob"), ownership.call("nobody")

        @staticmethod
        def clip(session_id):
            return f"20270115T080000.250_{session_id}.webm"

        def cookie(self, age=0.0):
            return f"Cookie: mien_access={self.access.cookie('caller', 'ann', time.time() - age)}"

        @staticmethod
        def bearer(session_id):
            return f"Authorization: Bearer {tokens.of(session_id, time.time())}"

        def untouched(self):
            return self.bob in history.began and (server.data / "videos" / self.clip(self.bob)).exists()

    world = World()
    for session_id in (world.ann, world.bob):
        history.put(SessionBegan(session_id=session_id, kind="call", at=1.8e9))
        for folder in ("videos", "recordings"):
            (server.data / folder / world.clip(session_id)).write_bytes(b"a clip of somebody")
        (server.data / "state" / "thumbnails" / f"{world.clip(session_id)}.jpg").write_bytes(b"a picture")
    return world


def sent(operation, world, session_id, *headers):
    """The request for something of this session: method, target, headers and body."""
    path = operation.path.replace("{session_id}", session_id).replace("{name}", world.clip(session_id))
    if operation.query is not None and "session_id" in operation.query.model_fields:
        path += f"?session_id={session_id}"
    body = b""
    if operation.body:
        fields = {
            name: text
            for name, text in BODY.items()
            if name in operation.body["application/json"].model_fields
        }
        for name in named(operation):
            fields[name] = world.clip(session_id) if name == "video_name" else session_id
        body = json.dumps(fields).encode()
        headers = (*headers, "Content-Type: application/json")
    return (operation.method, path, "X-Forwarded-For: 10.0.0.7", *headers), {"body": body}


BODY = {"message": "hello", "token": "x", "mood": True}


def told(answer, session_id):
    """An answer without its time and the id that was asked for."""
    fields = [(name, value) for name, value in answer.fields if name != "Date"]
    return answer.status, fields, re.sub(session_id.encode(), b"ID", answer.body)


def test_every_operation_that_names_something_is_a_case():
    """One with a part of a new name fails here until it is said whose that is."""
    known = NAMED | {
        "limit",
        "before",
        "emotion",
        "format",
        "download",
        "engine",
        "prompt",
        "language",
        "file",
    }
    known |= {"sdp", "type", "token", "message", "stream", "mood", "back"}
    known |= {"resource"}  # a secret of whoever published the stream, and no id
    for operation in OPERATIONS:
        varying = set(re.findall(r"\{(\w+)\}", operation.path))
        models = [operation.parts, operation.query, *operation.body.values()]
        fields = {field for model in models if model is not None for field in model.model_fields}
        assert varying | fields <= known, f"{operation.name}: say whose {varying | fields - known} is"
    assert len(CASES) >= 13


@pytest.mark.slow
@pytest.mark.parametrize("operation", CASES, ids=lambda operation: operation.name)
async def test_what_is_anothers_is_answered_as_what_is_not_there(server, world, operation):
    for proof in ((), (world.bearer(world.ann),)):
        answers = []
        for session_id in (world.bob, world.nobody):
            request, body = sent(operation, world, session_id, world.cookie(), *proof)
            answers.append(told(await ask(server, *request, **body), session_id))
        assert answers[0] == answers[1]
        if operation.name == "leave":  # a call that is over, or never was, is left
            assert answers[0][0] == 204
        elif operation.name in LISTS:
            assert json.loads(answers[0][2]) == {LISTS[operation.name]: [], "count": 0, "next": None}
        else:
            assert answers[0][0] == 404
    assert world.untouched()
    await well(server)


@pytest.mark.slow
@pytest.mark.parametrize("operation", CASES, ids=lambda operation: operation.name)
async def test_without_a_cookie_that_is_good_nothing_is_answered(server, world, operation):
    for headers in ((), (world.cookie(age=LIFE["caller"] + 1),), (world.bearer(world.bob),)):
        request, body = sent(operation, world, world.bob, *headers)
        answer = await ask(server, *request, **body)
        assert (answer.status, answer.code) == (401, "access_code_required")
    assert world.untouched()


@pytest.mark.slow
@pytest.mark.parametrize("operation", CASES, ids=lambda operation: operation.name)
async def test_ones_own_is_answered(server, world, operation):
    """Or the tests above would hold for a server that answers nothing."""
    request, body = sent(operation, world, world.ann, world.cookie())
    answer = await ask(server, *request, **body)
    if operation.name in (
        "clip",
        "delete_clip",
        "recording",
        "delete_recording",
        "thumbnail",
        "timeline",
        "export",
        "session",
        "delete_session",
    ):
        assert answer.status in (200, 204)
    elif operation.name in LISTS:
        assert json.loads(answer.body)["count"] == 1
    elif operation.name in ("analyze", "qwen_analyze"):
        assert (answer.status, answer.code) == (503, "engine_unavailable")
    elif operation.name == "chat":
        assert answer.status == 200
    else:
        assert answer.status in (200, 204, 404)


async def test_a_page_for_anothers_session_is_the_one_for_none(server, world):
    pages = []
    for session_id in (world.bob, world.nobody):
        answer = await ask(server, "GET", f"/sessions/{session_id}", "X-Forwarded-For: x", world.cookie())
        pages.append(told(answer, session_id))
    assert pages[0] == pages[1] and pages[0][0] == 404


async def test_a_listing_begun_at_anothers_clip_or_session_has_ones_own_alone(server, world):
    for path in ("/api/videos", "/videos", "/api/sessions", "/status"):
        for query in ("", f"?before={world.clip('z' * 24)}", f"?before={'z' * 24}", "?limit=200"):
            answer = await ask(server, "GET", path + query, "X-Forwarded-For: x", world.cookie())
            assert answer.status == 200 and world.bob.encode() not in answer.body


@pytest.mark.slow
async def test_on_the_data_channel_no_id_of_anothers_has_any_effect(tmp_path):
    """A message is about the call that it comes by, whatever ids it carries."""
    source = Source.read(material("vp8", (320, 240)))
    with OpenAIServer(Behaviour(pace=0.02)) as model:
        async with (
            serving(tmp_path, emotion_engines="embedded", openai_api_base=model.url) as server,
            aiohttp.ClientSession(server.url) as http,
        ):
            ann = Caller(server.url, source, kinds=("audio",), say_hello=False)
            bob = Caller(server.url, source, kinds=("audio",))
            for caller in (bob, ann):
                await caller.connect()
            of_bob = {"session_id": bob.answer["session_id"], "token": bob.answer["token"]}
            ann.say("hello", version=1, resume=of_bob["token"], **of_bob)
            assert (await ann.hear("welcome"))["session_id"] == ann.answer["session_id"]
            bob.say("chat", message_id="b1", text="a message of bob's, which takes a while to answer")
            await bob.hear("chat_accepted")
            ann.say("chat_stop", message_id="b1", **of_bob)
            ann.say("chat_clear", message_id="b1", **of_bob)
            await ann.hear("chat_cleared")
            ann.say("chat", message_id="b1", text="of ann's", **of_bob)
            ann.say("stop_recording", **of_bob)
            ann.say("set_consent", analysis=True, recording=True, **of_bob)
            for caller in (ann, bob):
                done = await caller.hear("chat_done", message_id="b1")
                assert done["finish"] == "complete"
            for caller, own, others in ((ann, "of ann's", "bob"), (bob, "of bob's", "of ann's")):
                session_id = caller.answer["session_id"]
                async with http.get("/api/chat/history", params={"session_id": session_id}) as response:
                    said = [t["content"] for t in (await response.json())["history"] if t["role"] == "user"]
                assert len(said) == 1 and own in said[0] and others not in said[0]
            bob.say("get_session_status")
            status = bob.heard("session_status")[-1]
            assert status["consent"] == {"analysis": False, "recording": False}
            await ann.close()
            await bob.close()
