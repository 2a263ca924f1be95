"""Newest wins: one waits for each key, and keys take turns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.waiting import NewestWins


def test_a_newer_item_takes_the_place_and_the_turn_of_the_older():
    waiting = NewestWins()
    assert waiting.put("a", 1) is None
    waiting.put("b", 2)
    assert waiting.put("a", 3) == 1
    assert [waiting.pop(), waiting.pop(), waiting.pop()] == [3, 2, None]


def test_a_discarded_key_has_nothing_waiting():
    waiting = NewestWins()
    waiting.put("a", 1)
    assert waiting.discard("a") == 1 and waiting.discard("a") is None and len(waiting) == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers())))
def test_no_more_waits_than_there_are_keys(items):
    waiting = NewestWins()
    for key, item in items:
        waiting.put(key, item)
        assert len(waiting) <= 3
    newest = dict(items)
    assert sorted(iter(waiting.pop, None)) == sorted(newest.values())
