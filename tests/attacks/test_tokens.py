"""Cookies and tokens: what was changed, forged, outlived or taken from elsewhere opens nothing."""

from __future__ import annotations

import hashlib
import hmac
import time

import pytest

from tests.attacks.raw import ask, well
from web.access import LIFE, Access
from webrtc.tokens import LIFE as TOKEN_LIFE
from webrtc.tokens import Tokens

pytestmark = pytest.mark.usefixtures("without_engines")

ELSEWHERE = "X-Forwarded-For: 10.0.0.7"


@pytest.fixture
def access(server):
    return server.running.access


@pytest.fixture
def limits():
    from web.limits import Limits

    return Limits(requests=None)


async def enters(server, cookie, path="/status"):
    return (await ask(server, "GET", path, ELSEWHERE, f"Cookie: mien_access={cookie}")).status


async def test_a_cookie_that_was_changed_anywhere_opens_nothing(server, access):
    cookie = access.cookie("caller", "ann", time.time())
    assert await enters(server, cookie) == 200
    role, caller, expires, signature = cookie.split(".")
    changed = [
        f"operator.{caller}.{expires}.{signature}",
        f"{role}.bob.{expires}.{signature}",
        f"{role}.{caller}.{int(expires) + 1}.{signature}",
        f"{role}.{caller}.{expires}.{signature[:-1]}",
        f"{role}.{caller}.{expires}.{signature}0",
        f"{role}.{caller}.{expires}.{signature.upper()}",
        f"{role}.{caller}.{expires}.",
        f"{role}.{caller}.{expires}",
        f"{role}.{caller}..{expires}.{signature}",
        f".{role}.{caller}.{expires}.{signature}",
        f"{role}.{caller}.{expires}.{signature}.{signature}",
        f"{role.title()}.{caller}.{expires}.{signature}",
        "...",
        ".",
        "",
        "x" * 8000,
        "." * 8000,
        "caller." * 1000,
        "caller.ann.9999999999." + hashlib.sha256(b"").hexdigest(),
        "None",
        "%00",
        '"' + cookie,
    ]
    changed += [
        cookie[:at] + ("0" if cookie[at] != "0" else "1") + cookie[at + 1 :] for at in range(len(cookie))
    ]
    for each in changed:
        assert await enters(server, each) == 401, each
    await well(server)


async def test_a_cookie_of_another_time_secret_or_code_opens_nothing(server, access):
    now = time.time()
    others = [
        access.cookie("caller", "ann", now - LIFE["caller"] - 1),
        access.cookie("operator", "eve", now - LIFE["operator"] - 1),
        Access(access.codes, b"another secret").cookie("caller", "ann", now),
        Access({**access.codes, "caller": "oldcode1"}, access.secret).cookie("caller", "ann", now),
        Access({**access.codes, "operator": "oldcode12345"}, access.secret).cookie("operator", "eve", now),
        # Each role's cookies are signed with its own code.
        Access(
            {"caller": access.codes["operator"], "operator": access.codes["caller"]}, access.secret
        ).cookie("operator", "eve", now),
    ]
    for cookie in others:
        assert await enters(server, cookie) == 401


async def test_a_callers_cookie_is_no_operators_and_a_token_is_no_cookie(server, access, tokens, ownership):
    now, own = time.time(), ownership.call("ann")
    assert await enters(server, access.cookie("caller", "ann", now), "/metrics") == 403
    assert await enters(server, tokens.of(own, now)) == 401
    bare = await ask(
        server, "GET", "/status", ELSEWHERE, f"Authorization: Bearer {access.cookie('operator', 'eve', now)}"
    )
    assert bare.status == 401


async def test_a_cookie_that_was_copied_works_since_that_is_what_a_cookie_is(server, access):
    """It is no more than a week's key: who copies it from a device is that caller until it is over."""
    cookie = access.cookie("caller", "ann", time.time())
    for address in ("10.0.0.7", "203.0.113.9"):
        answer = await ask(
            server, "GET", "/status", f"X-Forwarded-For: {address}", f"Cookie: mien_access={cookie}"
        )
        assert answer.status == 200


async def test_of_two_cookies_one_is_taken_and_a_forged_one_helps_nobody(server, access):
    cookie = access.cookie("caller", "ann", time.time())
    for pair in ((cookie, "operator.x.9.9"), ("operator.x.9.9", cookie)):
        headers = [f"Cookie: mien_access={each}" for each in pair]
        assert (await ask(server, "GET", "/metrics", ELSEWHERE, *headers)).status in (400, 401, 403)


async def test_a_token_that_was_changed_forged_or_outlived_proves_nothing(server, access, tokens, ownership):
    now, own, other = time.time(), ownership.call("ann"), ownership.call("bob")
    token = tokens.of(other, now)
    cookie = f"Cookie: mien_access={access.cookie('caller', 'ann', now)}"
    expires, signature = token.split(".")
    forged = hmac.new(b"guess", f"session\0{other}\0{expires}".encode(), hashlib.sha256).hexdigest()
    wrong = [
        tokens.of(own, now),
        tokens.of(other, now - TOKEN_LIFE - 1),
        Tokens(b"another secret").of(other, now),
        tokens.of(f"{other}x", now),
        tokens.of(other.upper(), now),
        f"{int(expires, 16) + 1:x}.{signature}",
        f"0{expires}.{signature}",
        f"0x{expires}.{signature}",
        f"{expires}.{signature}=",
        f"{expires}.{signature[:-1]}",
        f"{expires}..{signature}",
        f"{expires}.{forged}",
        f"-{expires}.{signature}",
        signature,
        ".",
        "",
        "x" * 7000,
        "é",
    ]
    right = await ask(
        server,
        "GET",
        f"/api/chat/history?session_id={other}",
        cookie,
        ELSEWHERE,
        f"Authorization: Bearer {token}",
    )
    assert right.status == 200
    for each in wrong:
        bearer = f"Authorization: Bearer {each}"
        answer = await ask(server, "GET", f"/api/chat/history?session_id={other}", cookie, ELSEWHERE, bearer)
        assert (answer.status, answer.code) == (404, "no_such_session"), each
    for scheme in ("Basic", "Bearer:", "Token", ""):
        answer = await ask(
            server,
            "GET",
            f"/api/chat/history?session_id={other}",
            cookie,
            ELSEWHERE,
            f"Authorization: {scheme} {token}",
        )
        assert answer.code == "no_such_session"


async def test_a_token_opens_its_session_only_to_who_may_come_in(server, tokens, ownership):
    other = ownership.call("bob")
    bearer = f"Authorization: Bearer {tokens.of(other, time.time())}"
    answer = await ask(server, "GET", f"/api/chat/history?session_id={other}", ELSEWHERE, bearer)
    assert (answer.status, answer.code) == (401, "access_code_required")


def test_every_comparison_is_one_that_takes_equally_long(monkeypatch):
    """Each wrong cookie, code and token is compared in full by `hmac.compare_digest`, as often as a right one."""
    compared = []
    real = hmac.compare_digest
    monkeypatch.setattr("hmac.compare_digest", lambda *pair: compared.append(pair) or real(*pair))
    access = Access({"caller": "aaaaaaaa", "operator": "bbbbbbbbbbbb"}, b"secret")
    tokens, counts = Tokens(b"secret"), set()
    for cookie in ("", "x", "operator.x.1.1", "caller.x.9999999999.00", "x" * 5000):
        compared.clear()
        access.read(cookie, 0.0)
        counts.add(len(compared))
    for code in ("", "aaaaaaab", "baaaaaaa", "aaaaaaaa", "bbbbbbbbbbbb"):
        compared.clear()
        access.role_of(code)
        counts.add(len(compared))
    assert counts == {2}, "one for each role"
    for token in ("", ".", "x.y", tokens.of("a", 0.0), tokens.of("b", 0.0)):
        compared.clear()
        tokens.proves("a", token, 0.0)
        assert len(compared) == 1
