"""Words for places in the list of sessions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.history.cursor import cursor, place


@given(st.floats(allow_nan=False, allow_infinity=False), st.text())
def test_a_place_is_found_again(began_at, session_id):
    word = cursor(began_at, session_id)
    assert place(word) == (began_at, session_id)
    assert word.replace("-", "").replace("_", "").isalnum()


@given(st.text())
def test_what_was_never_given_out_is_refused(word):
    with pytest.raises(ValueError, match="before"):
        place(word)


@pytest.mark.parametrize("word", ["W05hTiwgIiJd", "WzEsIDJd", "W3RydWUsICIiXQ", "MQ", "W1tbW1tb"])
def test_what_only_looks_like_a_place_is_refused(word):
    with pytest.raises(ValueError, match="before"):
        place(word)
