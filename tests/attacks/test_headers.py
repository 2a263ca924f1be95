"""Headers: what is injected comes out as data, what is smuggled is one request or none, what is too much is refused."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.attacks.raw import ask, exchange, read, request, well

pytestmark = pytest.mark.usefixtures("without_engines")

INJECTIONS = (
    "\r\nX-Injected: yes",
    "\nX-Injected: yes",
    "\r\n\r\n<script>alert(1)</script>",
    "\r",
    "\0",
    "é",
    "\u2028",
)
CLIP = "20270115T080000.250_0a1b2c3d4e5f60718293a4b5.webm"


def injected(answer):
    return [name for name, _ in answer.fields if name.lower().startswith("x-injected")]


@pytest.mark.parametrize("text", INJECTIONS)
async def test_what_is_reflected_in_a_header_cannot_end_it(server, text):
    """Each answer is read strictly: a line that is no field fails."""
    escaped = quote(text, safe="")
    elsewhere = ("X-Forwarded-For: 10.0.0.7", "Accept: text/html")
    for target in (f"/library?a={escaped}", f"/{escaped}", f"/code?next=/{escaped}"):
        answer = await ask(server, "GET", target, *elsewhere)
        assert not injected(answer) and b"<script>alert" not in answer.body
        for location in answer.all("Location"):
            assert location.startswith("/code?next=/")
    code = server.running.access.codes["caller"]
    for next_ in (
        f"/{escaped}",
        f"/a{escaped}//evil.example",
        f"//{escaped}evil.example",
        f"https://evil{escaped}",
    ):
        form = f"code={code}&next={next_}".encode()
        kind = "Content-Type: application/x-www-form-urlencoded"
        answer = await ask(server, "POST", "/code", kind, body=form)
        assert answer.status == 303 and answer.all("Location") == ["/"] and not injected(answer)
    (server.data / "videos" / CLIP).write_bytes(b"webm")
    answer = await ask(server, "GET", f"/videos/{CLIP}?download=1&name={escaped}")
    assert answer.all("Content-Disposition") == [f'attachment; filename="{CLIP}"']
    assert (await ask(server, "GET", f"/videos/{CLIP}{escaped}?download=1")).code == "no_such_clip"
    assert (
        await ask(server, "GET", f"/api/sessions/0a1b{escaped}/timeline?format=csv")
    ).code == "bad_request"
    await well(server)


@pytest.mark.slow
@pytest.mark.parametrize(
    "lines",
    [
        [b"X-Large: " + b"x" * 9000],
        [b"X-%d: x" % at for at in range(4000)],
        [b"X" * 9000 + b": x"],
        [b"Cookie: mien_access=" + b"x" * 70_000],
        [b"Authorization: Bearer " + b"x" * 70_000],
        [b"Origin: http://" + b"x" * 70_000],
        [b"X-Bare\rCarriage: x"],
        [b"X-Null: \0"],
        [b"X Space: x"],
        [b"X-Space : x"],
        [b" X-Folded-First: x"],
        [b": no name"],
        [b"no colon"],
        [b"X-\xff: x"],
    ],
    ids=range(14),
)
async def test_headers_that_are_too_many_too_long_or_none_are_refused(server, lines):
    received = await exchange(server.running.http_port, request("GET", "/status", *lines))
    (answer,) = read(received)
    assert answer.status in (400, 431)
    assert b"Traceback" not in received and b"aiohttp" not in answer.body
    await well(server)


async def test_a_target_that_is_too_long_is_refused(server):
    answer = await ask(server, "GET", "/" + "a" * 20_000)
    assert answer.status in (400, 414)


HIDDEN = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Smuggled: yes\r\nConnection: close\r\n\r\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n",
        b"Content-Length: 4, 4\r\n",
        b"Content-Length: +4\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 0x4\r\n",
        b"Content-Length: 4 4\r\n",
        b"Content-Length: \r\n",
        b"Content-Length: 99999999999999999999999999\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: identity, chunked, chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding:\r\n chunked\r\n",
        b"X-Folded: a\r\n b\r\nTransfer-Encoding\r\n: chunked\r\n",
        b"Transfer-Encoding: \x0bchunked\r\n",
        b"Transfer_Encoding: chunked\r\nContent-Length: x\r\n",
    ],
)
async def test_a_request_whose_length_is_in_doubt_is_refused_and_nothing_after_it_is_answered(server, fields):
    head = b"POST /api/chat/clear HTTP/1.1\r\nHost: localhost\r\n" + fields + b"\r\n"
    received = await exchange(server.running.http_port, head + b"0\r\n\r\n" + HIDDEN)
    (answer,) = read(received)
    assert answer.status == 400, answer
    await well(server)


async def test_chunks_that_are_malformed_are_refused(server):
    head = b"POST /api/chat/clear HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    for body in (
        b"zz\r\n",
        b"-1\r\nx\r\n",
        b"5\r\nhelloEXTRA0\r\n\r\n",
        b"ffffffffffffffffff\r\n",
        b"2 \nab\r\n0\r\n\r\n",
    ):
        received = await exchange(server.running.http_port, head + body + HIDDEN)
        answers = read(received)
        assert len(answers) <= 1 and all(answer.status == 400 for answer in answers), body
    await well(server)


@pytest.mark.parametrize("hosts", [("localhost", "evil.example"), ("evil.example", "localhost")])
async def test_two_hosts_are_refused(server, hosts):
    answer = await ask(server, "GET", "/status", f"Host: {hosts[1]}", host=hosts[0])
    assert answer.status in (400, 403)


async def test_a_target_with_another_host_does_not_change_whom_it_is_for(server):
    for target in (
        "http://evil.example/status",
        "https://localhost/status",
        "//evil.example/status",
        "evil.example:80",
    ):
        for host, right in (("localhost", True), ("evil.example", False)):
            answer = await ask(server, "GET", target, host=host)
            assert answer.status in ((200, 400, 404) if right else (400, 403))
            assert not right or answer.status == 400 or b"evil" not in answer.body
    for method, target in (("CONNECT", "evil.example:443"), ("OPTIONS", "*"), ("TRACE", "/status")):
        received = await exchange(server.running.http_port, request(method, target))
        assert all(answer.status >= 400 for answer in read(received))
    await well(server)


async def test_without_a_host_nobody_is_let_in(server):
    for head in (b"GET /status HTTP/1.0\r\n\r\n", b"GET /status HTTP/1.1\r\nConnection: close\r\n\r\n"):
        (answer,) = read(await exchange(server.running.http_port, head))
        assert answer.status in (400, 403)
    for head in (
        b"GET /status\r\n\r\n",
        b"GET /status HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\0" * 99,
    ):
        received = await exchange(server.running.http_port, head + b"\r\n\r\n")
        assert all(answer.status in (400, 403) for answer in read(received))
    await well(server)


async def test_requests_in_one_breath_are_answered_one_by_one(server):
    one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answers = read(await exchange(server.running.http_port, 20 * one + HIDDEN))
    assert [answer.status for answer in answers] == 21 * [200]
