"""Ownership: an id is its caller's and nobody else's, and tells nobody whose it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.ownership import Ownership, is_call

OWNERSHIP = Ownership(b"secret")


@given(st.text(max_size=20), st.text(max_size=20))
def test_an_id_is_its_callers_alone(caller, other):
    for session_id in (
        OWNERSHIP.call(caller),
        OWNERSHIP.conversation(caller),
        OWNERSHIP.named(caller, "notes"),
    ):
        assert OWNERSHIP.owns(caller, session_id) and Ownership(b"secret").owns(caller, session_id)
        assert OWNERSHIP.owns(other, session_id) == (other == caller)
        assert not Ownership(b"another").owns(caller, session_id)


def test_a_call_is_told_from_a_conversation():
    assert is_call(OWNERSHIP.call("ann"))
    for session_id in (OWNERSHIP.conversation("ann"), OWNERSHIP.named("ann", "x"), "notes", "0a1b2c3d4e5f"):
        assert not is_call(session_id)


def test_a_name_is_the_same_conversation_each_time_for_one_caller_only():
    assert OWNERSHIP.named("ann", "notes") == OWNERSHIP.named("ann", "notes")
    ids = {OWNERSHIP.named(caller, name) for caller in ("ann", "bob") for name in ("notes", "note")}
    assert len(ids) == 4


@pytest.mark.parametrize("session_id", ["", "0a1b", "x" * 24, "chat_", "chat_notes", "chat_chat_" + "0" * 24])
def test_what_is_no_id_of_ours_is_nobodys(session_id):
    assert not OWNERSHIP.owns("", session_id)


def test_the_secret_is_not_shown():
    assert "secret" not in repr(OWNERSHIP)
