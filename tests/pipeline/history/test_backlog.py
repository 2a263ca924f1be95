"""What waits, and what is given up."""

from __future__ import annotations

from pipeline.history.backlog import LONGEST, Backlog
from tests.pipeline.history.samples import began, clip, label, turn


def everything(backlog):
    return list(backlog.batch(10**6, 10**9).values())


def test_records_wait_in_the_order_in_which_they_came():
    backlog = Backlog()
    said = [began(), label(1), turn(), label(2)]
    numbers = [backlog.add(record, awaited=False) for record in said]
    assert everything(backlog) == said
    assert list(backlog.batch(10, 10**6)) == numbers
    assert (backlog.first, backlog.last) == (numbers[0], numbers[-1])


def test_what_is_settled_waits_no_more():
    backlog = Backlog()
    first, second = (backlog.add(label(n), awaited=True) for n in range(2))
    backlog.settle([first], 0)
    assert len(backlog) == 1 and backlog.first == second and backlog.awaited
    backlog.settle([second], 1)
    assert not backlog and not backlog.awaited
    assert backlog.first > second and backlog.dropped == 1


def test_where_there_is_no_room_the_oldest_label_is_given_up():
    backlog = Backlog(most=3)
    backlog.add(began(), awaited=False)
    backlog.add(label(1), awaited=True)
    backlog.add(label(2), awaited=False)
    assert backlog.add(turn(), awaited=True) is not None
    assert everything(backlog) == [began(), label(1), turn()] and backlog.dropped == 1


def test_what_is_being_written_is_not_given_up():
    backlog = Backlog(most=3)
    for second in range(3):
        backlog.add(label(second), awaited=False)
    assert len(backlog.batch(2, 10**6)) == 2
    backlog.add(label(3), awaited=False)
    assert everything(backlog) == [label(0), label(1), label(3)]


def test_where_nothing_can_be_given_up_what_comes_is_refused():
    backlog = Backlog(most=2)
    backlog.add(turn("1"), awaited=True)
    backlog.add(turn("2"), awaited=True)
    assert backlog.add(turn("3"), awaited=True) is None
    assert backlog.add(clip(), awaited=False) is None
    assert len(backlog) == 2 and backlog.dropped == 2


def test_a_batch_is_bounded_in_records_and_in_characters_but_never_empty():
    backlog = Backlog()
    for number in range(5):
        backlog.add(turn(str(number), text="x" * 10_000), awaited=False)
    assert len(backlog.batch(3, 10**6)) == 3
    assert len(backlog.batch(100, 25_000)) == 2
    assert len(backlog.batch(100, 1)) == 1


def test_a_deleted_session_has_nothing_that_waits_now_or_later():
    backlog = Backlog()
    kept = backlog.add(turn("1"), awaited=True)
    backlog.add(label(session_id="other"), awaited=False)
    assert backlog.forget("call") == [kept]
    assert backlog.add(turn("2"), awaited=True) is None
    assert everything(backlog) == [label(session_id="other")]
    assert not backlog.awaited and backlog.dropped == 0


def test_a_session_begins_anew_only_once_it_is_deleted():
    backlog = Backlog()
    backlog.forget("call")
    assert backlog.add(began(), awaited=False) is None
    backlog.forgotten("call")
    assert backlog.add(turn(), awaited=False) is None
    assert backlog.add(began(), awaited=False) is not None
    assert backlog.add(turn(), awaited=False) is not None


def test_a_session_of_which_there_was_nothing_may_come():
    backlog = Backlog()
    assert backlog.forget("call") == []
    backlog.allow("call")
    assert backlog.add(turn(), awaited=False) is not None


def test_a_text_without_end_is_cut():
    backlog = Backlog()
    backlog.add(turn(text="x" * (LONGEST + 1)), awaited=False)
    backlog.add(label(description="y" * (LONGEST + 1)), awaited=False)
    said, seen = everything(backlog)
    assert len(said.text) == len(seen.description) == LONGEST
