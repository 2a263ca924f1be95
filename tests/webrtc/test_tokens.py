"""Tokens: each session has its own, for a day at most and as long as the secret lasts."""

from __future__ import annotations

import re

import pytest

from webrtc.tokens import LIFE, Tokens

TOKENS = Tokens(b"secret")
NOW = 1.8e9
TOKEN = TOKENS.of("0a1b", NOW)


def test_a_token_proves_its_own_session_also_after_a_restart():
    assert re.fullmatch(r"[0-9a-f]+\.[0-9A-Za-z_-]{43}", TOKEN)
    assert Tokens(b"secret").proves("0a1b", TOKEN, NOW)


def test_a_token_is_good_for_a_day():
    assert TOKENS.proves("0a1b", TOKEN, NOW + LIFE - 1)
    assert not TOKENS.proves("0a1b", TOKEN, NOW + LIFE)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        ".",
        "ä",
        "\ud800",
        TOKENS.of("0a1c", NOW),
        TOKEN[:-1],
        f"f{TOKEN}",
        TOKEN.partition(".")[2],
        f"0.{TOKEN}",
    ],
)
def test_nothing_else_proves_it(token):
    assert not TOKENS.proves("0a1b", token, NOW)


def test_a_new_secret_ends_all_tokens():
    assert not Tokens(b"another").proves("0a1b", TOKEN, NOW)


def test_the_secret_is_not_shown():
    assert "secret" not in repr(TOKENS)
