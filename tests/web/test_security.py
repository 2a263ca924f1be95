"""Who is let in: the loopback rule, the access code, Host and Origin."""

from __future__ import annotations

import asyncio
import time

import pytest
from multidict import CIMultiDict

from tests.web.conftest import FROM_ELSEWHERE, entered
from tests.web.test_sessions import call  # noqa: F401
from web.access import LIFE
from web.addresses import host_of, is_loopback


def lan(server, path="/"):
    return f"https://127.0.0.1:{server.running.https_port}{path}"


async def test_this_machine_needs_no_code(http):
    async with http.get("/status") as response:
        assert response.status == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    "header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Real-IP"]
)
async def test_a_forwarded_request_is_not_from_this_machine(http, header):
    async with http.get("/status", headers={header: "x"}) as response:
        assert response.status == 401


async def test_others_need_the_code_and_keep_it_as_a_cookie(http, server):
    for path in ("/status", "/api/videos"):
        async with http.get(lan(server, path), headers=FROM_ELSEWHERE) as response:
            assert response.status == 401
            assert (await response.json())["error"]["code"] == "access_code_required"
    html = {"Accept": "text/html"} | FROM_ELSEWHERE
    async with http.get(lan(server), headers=html, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/code?next=/")
    wrong = {"code": "wrong", "next": "/"}
    async with http.post(lan(server, "/code"), data=wrong, headers=FROM_ELSEWHERE) as response:
        assert response.status == 401 and "not the code" in await response.text()
    code = server.running.access.codes["caller"]
    right = {"code": f" {code[:4]}-{code[4:].upper()} ", "next": "/status"}
    async with http.post(lan(server, "/code"), data=right, headers=FROM_ELSEWHERE) as response:
        assert response.status == 200 and "sessions" in await response.json()
    cookie = next(iter(http.cookie_jar))
    assert cookie["httponly"] and cookie["secure"] and cookie["samesite"] == "Lax"


@pytest.mark.slow
@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "",
        "/\t/evil.example",
        "/\r\n/evil.example",
    ],
)
async def test_the_code_page_sends_nobody_to_another_site(http, server, target):
    form = {"code": server.running.access.codes["caller"], "next": target}
    async with http.post("/code", data=form, allow_redirects=False) as response:
        assert response.headers["Location"] == "/"


async def test_where_one_was_going_is_kept_with_its_query(http, server):
    html = {"Accept": "text/html"} | FROM_ELSEWHERE
    async with http.get(lan(server, "/?a=1&b=%0d"), headers=html, allow_redirects=False) as response:
        assert response.headers["Location"] == "/code?next=/?a%3D1%26b%3D%250D"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"code=\xff\xfe", "application/x-www-form-urlencoded"),
        (b"code=x", "application/x-www-form-urlencoded; charset=foo"),
        (b"code=x", "multipart/form-data"),
    ],
)
async def test_a_form_that_cannot_be_read_is_a_bad_request(http, body, kind):
    async with http.post("/code", data=body, headers={"Content-Type": kind}) as response:
        assert response.status in (400, 401)


async def test_a_cookie_of_odd_bytes_is_a_wrong_cookie(server):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.running.http_port)
    writer.write(
        b"GET /status HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: x\r\nCookie: mien_access=\xff\r\n"
        b"Connection: close\r\n\r\n"
    )
    assert (await reader.readline()).split()[1] == b"401"
    writer.close()


async def test_health_static_files_and_the_code_page_are_open(http, server):
    for path in ("/healthz", "/code"):
        async with http.get(lan(server, path), headers=FROM_ELSEWHERE) as response:
            assert response.status == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "10.9.8.7", "localhost.evil.example", ""]
)
async def test_a_name_that_is_not_ours_is_refused(http, host):
    async with http.get("/healthz", headers=CIMultiDict({"Host": host})) as response:
        assert response.status == 403
        assert (await response.json())["error"]["code"] == "wrong_host"


@pytest.mark.slow
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1"])
async def test_another_sites_page_is_refused(http, origin):
    async with http.post("/offer", json={}, headers={"Origin": origin}) as response:
        assert response.status == 403
        assert (await response.json())["error"]["code"] == "wrong_origin"


async def test_our_own_page_is_not_refused(http, server):
    async with http.post("/offer", json={}, headers={"Origin": server.url}) as response:
        assert response.status == 400


async def test_every_answer_carries_the_security_headers(http):
    for path in ("/", "/healthz", "/nowhere", "/code"):
        async with http.get(path, allow_redirects=False) as response:
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("netloc", "host"),
    [("LocalHost:80", "localhost"), ("[::1]:80", "::1"), ("[::1]", "::1"), ("a.b", "a.b"), ("", "")],
)
def test_the_host_is_read_out_of_a_host_header(netloc, host):
    assert host_of(netloc) == host


@pytest.mark.parametrize(
    ("address", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("10.0.0.1", False), ("", False)],
)
def test_loopback_addresses_are_told(address, loopback):
    assert is_loopback(address) is loopback


async def enter(http, server, code):
    async with http.post(
        lan(server, "/code"), data={"code": code}, headers=FROM_ELSEWHERE, allow_redirects=False
    ) as response:
        return response.status


async def test_wrong_codes_are_logged_and_slowed_down_and_then_the_right_one_waits_too(
    http, server, caplog, monkeypatch
):
    monkeypatch.setattr("web.codes.WRONG_CODE_DELAY", 0.0)
    codes = server.running.access.codes
    assert await enter(http, server, codes["caller"]) == 303
    statuses = [await enter(http, server, f"guess {number}") for number in range(8)]
    assert statuses == [401] * 6 + [429] * 2
    assert await enter(http, server, codes["caller"]) == 429
    said = [record.getMessage() for record in caplog.records if "wrong access code" in record.getMessage()]
    assert len(said) == 6 and not any("guess" in line for line in said)


async def test_who_enters_the_operators_code_remains_the_caller_they_were(http, server):
    access = server.running.access
    who = []
    for role in ("caller", "operator", "caller"):
        assert await enter(http, server, access.codes[role]) == 303
        who.append(access.read(next(iter(http.cookie_jar)).value, time.time()))
    assert [each.role for each in who] == ["caller", "operator", "caller"]
    assert len({each.caller for each in who}) == 1


async def test_a_cookie_that_is_half_over_is_renewed(http, server):
    access = server.running.access
    for age, renewed in ((0.4, False), (0.6, True)):
        old = access.cookie("caller", "ann", time.time() - age * LIFE["caller"])
        headers = FROM_ELSEWHERE | {"Cookie": f"mien_access={old}"}
        async with http.get("/status", headers=headers) as response:
            assert ("mien_access" in response.cookies) == renewed
        if renewed:
            assert access.read(response.cookies["mien_access"].value, time.time()).fresh


async def test_what_is_the_operators_is_refused_to_callers(http, server):
    async with entered(server, "caller", "ann") as ann, entered(server, "operator", "eve") as eve:
        for method, path in (("GET", "/metrics"), ("POST", "/api/engines/embedded/load")):
            async with ann.request(method, path) as response:
                assert (response.status, (await response.json())["error"]["code"]) == (403, "operator_only")
            async with eve.request(method, path) as response:
                assert response.status in (200, 202)
        async with ann.post("/api/engines/embedded/unload") as response:
            assert response.status == 403


async def test_a_caller_is_told_of_their_own_calls_only(http, server, call):  # noqa: F811
    """The call is this machine's."""
    async with entered(server, "caller", "ann") as ann, entered(server, "operator", "eve") as eve:
        for asker, seen in ((http, 1), (eve, 1), (ann, 0)):
            async with asker.get("/status") as response:
                assert len((await response.json())["sessions"]) == seen


class TestOpenToAll:
    @pytest.fixture
    def settings(self):
        return {"access": "open"}

    async def test_nobody_is_asked_for_a_code_and_all_see_everything(self, http):
        for path in ("/status", "/metrics", "/api/sessions"):
            async with http.get(path, headers=FROM_ELSEWHERE) as response:
                assert response.status == 200
        async with http.get("/code", headers=FROM_ELSEWHERE, allow_redirects=False) as response:
            assert response.status == 303
        async with http.get(
            "/status", headers=FROM_ELSEWHERE | {"Origin": "https://evil.example"}
        ) as response:
            assert response.status == 403
