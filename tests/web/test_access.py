"""Access: two codes and what they make of somebody, and cookies that are forged, old, or of another code."""

from __future__ import annotations

import stat

import pytest

from web.access import HERE, LIFE, Asker, load_access

NOW = 1.8e9


@pytest.fixture
def access(tmp_path):
    return load_access(tmp_path, None)


def test_a_code_of_ones_own_is_taken_as_it_is_written(tmp_path):
    (tmp_path / "access_code").write_text("My-Code\n")
    access = load_access(tmp_path, None)
    assert {access.role_of(typed) for typed in ("My-Code", "mycode", "my code")} == {"caller"}
    assert access.role_of("mycod") is None and access.role_of("\udcff") is None


def test_each_code_makes_somebody_what_it_is_for(access):
    for role, code in access.codes.items():
        assert access.role_of(code) == role
    assert access.codes["caller"] != access.codes["operator"]


def test_a_cookie_tells_who_somebody_is_until_it_is_too_old(access):
    for role in access.codes:
        cookie = access.cookie(role, "ann", NOW)
        assert access.read(cookie, NOW) == Asker(role, "ann", fresh=True)
        assert access.read(cookie, NOW + 0.6 * LIFE[role]) == Asker(role, "ann", fresh=False)
        assert access.read(cookie, NOW + LIFE[role]) is None
        assert access.caller_of(cookie) == "ann"


def test_whoever_is_new_has_a_name_of_their_own(access):
    names = {access.read(access.cookie("caller", None, NOW), NOW).caller for _ in range(50)}
    assert len(names) == 50 and "" not in names


@pytest.mark.parametrize(
    "change",
    [
        lambda cookie: "",
        lambda cookie: "ä",
        lambda cookie: "\ud800",
        lambda cookie: "...",
        lambda cookie: cookie[:-1],
        lambda cookie: cookie.replace("caller", "operator"),
        lambda cookie: cookie.replace("ann", "bob"),
        lambda cookie: cookie.replace("ann", ""),
        lambda cookie: cookie.replace(".1800", ".9800"),
        lambda cookie: cookie + ".",
        lambda cookie: "caller." + cookie,
    ],
)
def test_a_cookie_that_was_changed_is_nobodys(access, change):
    cookie = change(access.cookie("caller", "ann", NOW))
    assert access.read(cookie, NOW) is None and access.caller_of(cookie) is None


def test_codes_and_secret_are_kept_and_shown_nowhere(tmp_path, access):
    cookie = access.cookie("caller", "ann", NOW)
    again = load_access(tmp_path, None)
    assert again.read(cookie, NOW) and not again.read(None, NOW)
    assert not any(code in repr(access) for code in access.codes.values())
    for name in ("access_code", "operator_code", "secret_key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert not load_access(tmp_path, "another secret").read(cookie, NOW)
    (tmp_path / "operator_code").unlink()
    assert load_access(tmp_path, None).read(cookie, NOW), "the callers' code has not changed"
    (tmp_path / "access_code").unlink()
    assert not load_access(tmp_path, None).read(cookie, NOW)


def test_where_access_is_open_everybody_operates(tmp_path):
    assert load_access(tmp_path, None, open_to_all=True).read(None, NOW) == HERE
