"""Tokens: each session has its own, and it lasts as long as the secret."""

from __future__ import annotations

import re

import pytest

from webrtc.tokens import Tokens

TOKENS = Tokens(b"secret")


def test_a_token_proves_its_own_session_also_after_a_restart():
    token = TOKENS.of("0a1b")
    assert re.fullmatch(r"[0-9A-Za-z_-]{43}", token)
    assert Tokens(b"secret").proves("0a1b", token)


@pytest.mark.parametrize("token", ["", "x", "ä", "\ud800", TOKENS.of("0a1c"), TOKENS.of("0a1b")[:-1]])
def test_nothing_else_proves_it(token):
    assert not TOKENS.proves("0a1b", token)


def test_a_new_secret_ends_all_tokens():
    assert not Tokens(b"another").proves("0a1b", TOKENS.of("0a1b"))


def test_the_secret_is_not_shown():
    assert "secret" not in repr(TOKENS)
