"""Bodies: too large, too slow, too deep, packed or endless ones are refused in little time and memory."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import time
import zlib

import psutil
import pytest

from tests.attacks.raw import ask, exchange, read, request, well
from web.limits import Limits

pytestmark = pytest.mark.usefixtures("without_engines")

JSON = "Content-Type: application/json"
FORM = "Content-Type: multipart/form-data; boundary=x"
FIELD = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n'
PATHS = ("/offer", "/api/chat", "/api/chat/clear", "/api/analyze", "/code", "/api/sessions/0a1b/leave")

MOST_STILL = 0.3
"""CPU seconds that the loop, which the test's own client shares, may be kept for in one go."""

MOST_MB = 100


@pytest.fixture
def limits():
    return Limits(requests=None, offers=None, messages=None)


@pytest.fixture(autouse=True)
async def cheap():
    """Fails where the loop stood still or the memory grew."""
    gc.collect()
    gc.disable()  # what other tests have left to be collected is none of this
    still, before = 0.0, psutil.Process().memory_info().rss

    async def watch():
        nonlocal still
        while True:
            began = time.thread_time()  # not the clock: the machine may have other work
            await asyncio.sleep(0.002)
            still = max(still, time.thread_time() - began)

    watching = asyncio.create_task(watch())
    yield lambda: still
    watching.cancel()
    gc.enable()
    gc.collect()
    assert psutil.Process().memory_info().rss - before < MOST_MB * 1024**2


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_over_the_limit_is_refused_before_it_is_there(server, path):
    """Claimed, and said in chunks without an end."""
    for kind in (JSON, "Content-Type: application/x-www-form-urlencoded"):
        if path == "/api/analyze" and kind != JSON:
            continue
        answer = await ask(server, "POST", path, kind, body=b" " * 70_000)
        assert (answer.status, answer.code) == (413, "too_large")
        endless = (
            request("POST", path, kind, "Transfer-Encoding: chunked") + b"2000\r\n" + b" " * 8192 + b"\r\n"
        )
        endless += 20 * (b"2000\r\n" + b" " * 8192 + b"\r\n")
        (answer,) = read(await exchange(server.running.http_port, endless + b"0\r\n\r\n"))
        assert (answer.status, answer.code) == (413, "too_large")
    await well(server)


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
async def test_a_body_that_does_not_come_is_waited_for_so_long_and_no_longer(server, path, monkeypatch):
    monkeypatch.setattr("web.reading.SLOWEST", 0.1)
    monkeypatch.setattr("web.uploads.SLOWEST", 0.1)
    kinds = (JSON, FORM) if path == "/api/analyze" else (JSON,)
    for kind in kinds:
        for rest in ("Content-Length: 2", "Content-Length: 60000", "Transfer-Encoding: chunked"):
            slow = request("POST", path, kind, rest).replace(b"Connection: close\r\n", b"")
            reader, writer = await asyncio.open_connection("127.0.0.1", server.running.http_port)
            writer.write(slow + (b"1\r\n{\r\n" if "chunked" in rest else b"{"))
            async with asyncio.timeout(5):
                assert (await reader.readline()).split()[1] == b"408"
            writer.close()
    await well(server)


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        b'{"message":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"message":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}",
        b"[" * 60_000,
        b'{"message":' + b"9" * 60_000 + b"}",
        b'{"message":1e999999999}',
        b'{"message":-1e-999999999}',
        b'{"message":NaN}',
        b'{"message":"\\ud800"}',
        b'{"message":"\\u0000"',
        b'{"message":"\xff\xfe"}',
        '{"message":"hi"}'.encode("utf-16"),
        '{"message":"hi"}'.encode("utf-32"),
        b'\xef\xbb\xbf{"message":"hi"}',
        b'{"message":"hi"}{"message":"hi"}',
        b'{"message":"hi","message":7}',
        b"{" + b",".join(b'"k%d":0' % at for at in range(6000)) + b"}",
        b"\0" * 60_000,
        b"",
    ],
    ids=range(18),
)
async def test_json_that_is_a_bomb_or_none_is_a_bad_request(server, body, cheap):
    for path in ("/api/chat", "/offer", "/api/analyze", "/api/chat/clear"):
        answer = await ask(server, "POST", path, JSON, body=body)
        assert (answer.status, answer.code) == (400, "bad_request")
    assert cheap() < MOST_STILL
    await well(server)


@pytest.fixture(scope="module")
def packed():
    """100 MB of zeros, packed; newlines too, and what is packed twice."""
    zeros = bytes(100_000_000)
    return {
        "gzip": gzip.compress(zeros, 1),
        "deflate": zlib.compress(zeros, 1),
        "x-gzip": gzip.compress(gzip.compress(b"\n" * 10_000_000)),
        "br": bytes(1000),
        "gzip, gzip": gzip.compress(zeros[:1000]),
        "zstd": bytes(1000),
    }


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
async def test_a_packed_body_stays_packed_and_is_refused(server, path, packed, cheap):
    for encoding, body in packed.items():
        for kind in (JSON, FORM):
            answer = await ask(server, "POST", path, kind, f"Content-Encoding: {encoding}", body=body)
            assert (answer.status, answer.code) == (400, "bad_request"), encoding
    answer = await ask(server, "GET", "/healthz", "Content-Encoding: gzip", body=packed["gzip"])
    assert answer.status == 200
    assert cheap() < MOST_STILL


FORMS = {
    "bare newlines": b"\n" * 3_000_000,
    "empty lines": b"\r\n" * 1_500_000,
    "lines before": b"before\r\n" * 500_000,
    "one line": b"a" * 3_000_000,
    "header lines": b"--x\r\n" + b"a: b\r\n" * 500_000,
    "a header": b"--x\r\na: " + b"b" * 3_000_000,
    "parts": (FIELD % b"a" + b"\r\n") * 30_000,
    "parts without a name": b"--x\r\n\r\n\r\n" * 200_000,
    "forms in forms": b"--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" * 10_000,
    "a long field": FIELD % b"prompt" + b"a" * 3_000_000 + b"\r\n--x--\r\n",
    "many charsets": (FIELD % b"_charset_" + b"a" * 40 + b"\r\n") * 1000,
    "a boundary that never ends": FIELD % b"a" + b"\r\n--" * 700_000,
    "a length that lies": b"--x\r\nContent-Length: 99999999999\r\n" + FIELD[5:] % b"a" + b"b" * 100_000,
    "nothing": b"--x--\r\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
async def test_a_form_that_is_a_bomb_is_refused_at_once_and_the_loop_is_free(server, form, cheap):
    for path in ("/api/analyze", "/api/qwen/analyze", "/code"):
        began = time.monotonic()
        answer = await ask(server, "POST", path, FORM, body=FORMS[form])
        assert answer.code in ("bad_request", "too_large") or (path == "/code" and answer.status == 401)
        assert time.monotonic() - began < 5
    assert cheap() < MOST_STILL
    await well(server)


async def test_boundaries_that_are_none_are_refused(server):
    for boundary in (
        "",
        "boundary=",
        "boundary=" + "x" * 500,
        'boundary="',
        "boundary=\xff",
        "boundary=x; boundary=y",
    ):
        kind = f"Content-Type: multipart/form-data; {boundary}"
        answer = await ask(server, "POST", "/api/analyze", kind, body=b"--x\r\n\r\n--x--\r\n")
        assert answer.status in (400, 503) and answer.code is not None


async def test_what_no_handler_reads_is_not_kept(server, cheap):
    for path in ("/status", "/nowhere", "/videos/a.webm"):
        for method in ("GET", "DELETE", "POST"):
            received = await exchange(server.running.http_port, request(method, path, body=b"x" * 5_000_000))
            assert all(answer.status < 500 for answer in read(received))
    assert cheap() < MOST_STILL


async def test_a_right_body_is_still_a_right_one(server):
    answer = await ask(
        server, "POST", "/api/chat", JSON, "Content-Encoding: identity", body=b'{"message": "hello"}'
    )
    assert json.loads(answer.body)["response"] == "You said hello"
