"""Other sites' pages: whatever a browser lets one send here without asking first is refused, and nothing is shared."""

from __future__ import annotations

import pytest

from tests.attacks.raw import ask, well
from web.routes import OPERATIONS
from web.security import HEADERS

pytestmark = pytest.mark.usefixtures("without_engines")

SIMPLE = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain;json",
    "",
)
"""Content types that a page may send anywhere without a preflight (Fetch, 'CORS-safelisted request-header')."""

ELSEWHERE = (
    "https://evil.example",
    "null",
    "http://localhost:1",
    "https://localhost",
    "http://localhost.evil.example",
    "http://evil.example@localhost",
    "http://[localhost",
    "http://[::1",
    "file://",
    "",
    "localhost",
)

OURS = "localhost:8080"


def path_of(operation):
    return (
        operation.path.replace("{session_id}", "0a1b2c3d4e5f60718293a4b5")
        .replace("{name}", "a.webm")
        .replace("{resource}", "x")
    )


async def test_every_operation_refuses_another_sites_page_whatever_it_sends(server, registry):
    for operation in OPERATIONS:
        for origin in ELSEWHERE:
            answer = await ask(
                server, operation.method, path_of(operation), f"Origin: {origin}", host=OURS, body=b"{}"
            )
            assert (answer.status, answer.code) == (403, "wrong_origin"), (operation.name, origin)
    for kind in SIMPLE:
        for path in ("/offer", "/api/chat", "/api/analyze", "/code", "/api/engines/embedded/unload"):
            headers = (f"Content-Type: {kind}", "Origin: null")
            answer = await ask(server, "POST", path, *headers, host=OURS, body=b"{}")
            assert (answer.status, answer.code) == (403, "wrong_origin")
    assert len(registry) == 0
    await well(server)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_request_that_a_browser_calls_anothers_is_refused_without_an_origin_too(server, site):
    for method, path in (("POST", "/code"), ("POST", "/api/chat/clear"), ("DELETE", "/videos/a.webm")):
        answer = await ask(
            server, method, path, f"Sec-Fetch-Site: {site}", "Sec-Fetch-Mode: navigate", body=b"{}"
        )
        assert (answer.status, answer.code) == (403, "wrong_origin")
    for mode in ("no-cors", "cors", "websocket", "same-origin"):
        for path in ("/status", "/videos/a.webm?format=mp4", "/api/sessions/0a1b/export"):
            answer = await ask(server, "GET", path, f"Sec-Fetch-Site: {site}", f"Sec-Fetch-Mode: {mode}")
            assert (answer.status, answer.code) == (403, "wrong_origin")


async def test_no_answer_says_what_it_is_made_of(server):
    for path in ("/", "/static/css/page.css", "/nowhere"):
        answer = await ask(server, "GET", path)
        assert answer.all("Server") == ["Mien"], path


async def test_a_link_on_another_sites_page_leads_here_and_a_frame_or_a_plugin_does_not(server):
    navigates = ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate")
    assert (await ask(server, "GET", "/library", *navigates, "Sec-Fetch-Dest: document")).status == 200
    for place in ("iframe", "frame", "object", "embed"):
        answer = await ask(server, "GET", "/library", *navigates, f"Sec-Fetch-Dest: {place}")
        assert (answer.status, answer.code) == (403, "wrong_origin")


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_our_own_page_and_what_was_typed_are_let_in(server, site):
    answer = await ask(server, "GET", "/status", f"Sec-Fetch-Site: {site}", "Sec-Fetch-Mode: cors")
    assert answer.status == 200
    ours = ("Origin: http://localhost:8080", f"Sec-Fetch-Site: {site}")
    assert (await ask(server, "POST", "/offer", *ours, host=OURS, body=b"{}")).code == "bad_request"


@pytest.mark.slow
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "localhost.",
        "localhost.:8080",
        "localhost.evil.example",
        "evil.example#localhost",
        "evil.example@localhost",
        "localhost@evil.example",
        "xn--lcalhost-54a",
        "lοcalhost",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "127.1",
        "0127.0.0.1",
        "0.0.0.0",
        "127.0.0.2",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:0:0:1]",
        "[fe80::1%25lo]",
        "localhost/../evil.example",
        "localhost, evil.example",
        " ",
    ],
)
async def test_a_name_that_only_looks_like_ours_is_refused(server, host):
    answer = await ask(server, "GET", "/status", host=host)
    assert answer.status == 400 or (answer.status, answer.code) == (403, "wrong_host")


async def test_nothing_is_shared_with_other_sites_and_nothing_is_framed(server):
    asked = "Access-Control-Request-Method: DELETE"
    for operation in OPERATIONS:
        for method in ("OPTIONS", operation.method):
            answer = await ask(
                server, method, path_of(operation), asked, body=b"{}" if method == "POST" else b""
            )
            assert not [name for name, _ in answer.fields if name.lower().startswith("access-control")]
            if method == "OPTIONS":
                # RFC 9725 section 4.2 wants it answered there
                assert answer.status == (200 if operation.path == "/whip" else 405)
            (policy,) = answer.all("Content-Security-Policy")
            assert "frame-ancestors 'none'" in policy and "default-src 'none'" in policy
            for name, value in HEADERS.items():
                assert answer.all(name) == [value]
    preflight = await ask(server, "OPTIONS", "/offer", "Origin: https://evil.example", asked)
    assert (preflight.status, preflight.code) == (403, "wrong_origin")


@pytest.fixture
def registry(app):
    from web.keys import REGISTRY

    return app[REGISTRY]


@pytest.fixture
def limits():
    from web.limits import Limits

    return Limits(requests=None, offers=None, messages=None)
