"""Questions that are under way."""

from __future__ import annotations

import asyncio

import pytest

from pipeline.history.errors import HistoryRefused, HistoryUnavailable
from pipeline.history.jobs import Answered, AskSession, Failed, Long, Piece, Refused
from pipeline.history.questions import MOST, Questions
from pipeline.service import ServiceDown


def session(number):
    return AskSession(ask_id=number, session_id="call")


class Asked:
    """Takes questions, and answers none."""

    def __init__(self):
        self.jobs = []
        self.questions = Questions(self.send)

    async def send(self, job):
        self.jobs.append(job)

    async def ask(self):
        asking = asyncio.ensure_future(self.questions.ask(session, 5))
        await asyncio.sleep(0)
        return asking, self.jobs[-1].ask_id


async def test_each_answer_goes_to_who_asked():
    asked = Asked()
    (first, one), (second, two) = await asked.ask(), await asked.ask()
    asked.questions.heard(Answered(ask_id=two, value=b"2"))
    asked.questions.heard(Answered(ask_id=one, value=b"1"))
    assert [await first, await second] == [b"1", b"2"]


async def test_what_could_not_be_done_is_raised():
    asked = Asked()
    (first, one), (second, two) = await asked.ask(), await asked.ask()
    asked.questions.heard(Failed(ask_id=one, code="history_full", reason="no room"))
    asked.questions.heard(Refused(ask_id=two, reason="not ours"))
    with pytest.raises(HistoryUnavailable, match="no room") as failed:
        await first
    assert failed.value.code == "history_full"
    with pytest.raises(HistoryRefused, match="not ours"):
        await second


async def test_a_process_that_ends_answers_nothing_any_more():
    asked = Asked()
    asking, number = await asked.ask()
    asked.questions.lost("status 1")
    with pytest.raises(HistoryUnavailable, match="started again: status 1"):
        await asking
    asked.questions.heard(Answered(ask_id=number, value=b"late"))


async def test_no_answer_is_waited_for_without_end():
    with pytest.raises(HistoryUnavailable, match=r"within 0\.01 s"):
        await Asked().questions.ask(session, 0.01)


async def test_where_there_is_no_process_nothing_is_asked():
    async def send(_job):
        raise ServiceDown("it has not been started")

    with pytest.raises(HistoryUnavailable, match="not been started") as down:
        await Questions(send).ask(session, 5)
    assert down.value.code == "history_unreachable"


async def test_too_many_questions_are_turned_away():
    asked = Asked()
    asking = [(await asked.ask())[0] for _ in range(MOST)]
    with pytest.raises(HistoryUnavailable) as busy:
        await asked.questions.ask(session, 5)
    assert busy.value.code == "history_busy"
    asked.questions.lost("the end")
    await asyncio.gather(*asking, return_exceptions=True)


async def test_who_waits_without_a_limit_of_time_is_not_turned_away_by_those_who_do_not():
    asked = Asked()
    asking = [(await asked.ask())[0] for _ in range(MOST)]
    writing = asyncio.ensure_future(asked.questions.ask(session, None))
    await asyncio.sleep(0)
    asked.questions.heard(Answered(ask_id=asked.jobs[-1].ask_id, value=b"written"))
    assert await writing == b"written"
    asked.questions.lost("the end")
    await asyncio.gather(*asking, return_exceptions=True)


async def test_the_pieces_of_a_long_answer_are_put_in_order_and_those_of_one_given_up_are_let_go():
    asked = Asked()
    (first, one), (second, two) = await asked.ask(), await asked.ask()
    for number, data in ((one, b"a"), (two, b"x"), (one, b"b")):
        asked.questions.heard(Piece(ask_id=number, data=data))
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    asked.questions.heard(Piece(ask_id=two, data=b"y"))
    asked.questions.heard(Answered(ask_id=one, value=Long((b"c",))))
    assert await first == (b"a", b"b", b"c")
    assert not asked.questions._pieces
