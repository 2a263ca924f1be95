"""The HTTP interface against its own document: whatever is sent, the answer is one that the document has."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from types import SimpleNamespace

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import positive_data_acceptance
from schemathesis.config import SchemathesisConfig

from pipeline.history.records import SessionBegan
from tests import media
from tests.server import serving
from web.app import make_app
from web.limits import Limits
from web.openapi import document
from web.routes import OPERATIONS

SESSION, CLIP = "0a1b2c3d4e5f60718293a4b5", "20270115T080000.250_0a1b2c3d4e5f60718293a4b5.webm"
"""What the document gives as examples: both are there at the beginning of each test."""

BEYOND_SCHEMAS = {"/offer", "/api/analyze", "/api/qwen/analyze", "/api/sessions", "/whip"}
"""Paths that are sent what no schema describes: session descriptions, media files, and where a page ended."""


@schemathesis.serializer("application/sdp", "application/trickle-ice-sdpfrag")
def _as_text(context, value):
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


# An answer that says why it cannot be given now is one that the document has.
config = SchemathesisConfig.from_dict(
    {"checks": {"not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "503"]}}}
)
schema = schemathesis.openapi.from_dict(document(OPERATIONS, "0.1.0"), config=config)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.timeout(300),
]  # it counts what all its cases did


@pytest.fixture(scope="module")
def sent():
    """How many requests were sent, by whether they were as the document wants them, and answered, by status."""
    return Counter()


@pytest.fixture(scope="module")
def nothing_goes_wrong():
    """What the server logs as an error fails the test, also where the answer looked right."""
    said = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: said.append(record.getMessage())
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    assert said == []


@pytest.fixture(scope="module")
def live(tmp_path_factory, nothing_goes_wrong):
    """A server in a thread of its own, without limits."""
    ready, running = threading.Event(), SimpleNamespace(data=tmp_path_factory.mktemp("data"))

    async def serve():
        running.loop, running.stop = asyncio.get_running_loop(), asyncio.Event()
        async with serving(running.data, emotion_engines="embedded") as server:
            running.url = server.url
            ready.set()
            await running.stop.wait()

    def make(**given):
        running.history = given["services"].history
        return make_app(**given, limits=Limits(requests=None, offers=None, messages=None))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("server.make_app", make)
        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        assert ready.wait(20)
        yield running
        running.loop.call_soon_threadsafe(running.stop.set)
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def recorded():
    return media.encode_clip(media.astronaut_frames(10, (160, 120), face=60), 10, "vp8")


@pytest.fixture
def seeded(live, recorded):
    began = SessionBegan(session_id=SESSION, kind="call", at=1.8e9)
    live.loop.call_soon_threadsafe(live.history.put, began)
    (live.data / "videos" / CLIP).write_bytes(recorded)
    (live.data / "state" / "thumbnails" / f"{CLIP}.jpg").write_bytes(b"jpeg")
    return live


@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_the_document_has(case, seeded, sent):
    excluded = [positive_data_acceptance] if case.path in BEYOND_SCHEMAS else []
    response = case.call_and_validate(base_url=seeded.url, excluded_checks=excluded)
    sent[case.meta.generation.mode.value] += 1
    sent[response.status_code] += 1


def test_right_and_wrong_requests_were_sent_and_answered(sent):
    if not sent:
        pytest.skip("the test before sent nothing")
    assert sent["positive"] > 100 and sent["negative"] > 100
    assert {200, 204, 400, 404, 405} <= set(sent)
