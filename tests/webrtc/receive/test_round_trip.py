"""The round trip: a question, and the answer of a sender that held it for a while."""

from __future__ import annotations

from struct import pack

import pytest
from aiortc.rtp import RtcpPacket
from hypothesis import assume, given
from hypothesis import strategies as st

from webrtc.receive.round_trip import answers, request

_NTP_UNIX = 2_208_988_800


def answer(middle, held, ssrc=7, sender=1):
    """An extended report with a DLRR block (RFC 3611 section 4.5)."""
    return pack("!BBHLBBHLLL", 0x80, 207, 5, sender, 5, 0, 3, ssrc, middle, round(held * 65536))


def middle_of(question):
    return int.from_bytes(question[14:18])


@given(st.floats(1.6e9, 2.5e9), st.floats(0.001, 10.0), st.floats(0.0, 100.0))
def test_what_the_sender_held_it_for_is_taken_off(wall, trip, held):
    question = request(7, wall)
    assume(middle_of(question))  # 0 means that no question was heard
    came = answer(middle_of(question), held)
    assert list(answers(came, wall + trip + held)) == [(7, pytest.approx(trip, abs=0.0001))]


def test_the_question_is_an_extended_report_of_its_length():
    question = request(0x1234, 1.7e9)
    assert len(question) == 20 and question[1] == 207
    assert int.from_bytes(question[2:4]) == len(question) // 4 - 1
    assert int.from_bytes(question[12:16]) == int(1.7e9) + _NTP_UNIX
    # aiortc, which knows no extended reports, lets them pass.
    assert RtcpPacket.parse(question) == []


def test_answers_are_found_among_other_reports_and_other_blocks():
    wall = 1.7e9
    question = request(7, wall)
    receiver_report = pack("!BBHL", 0x80, 201, 1, 1)
    other_block = pack("!BBHLBBHLL", 0x80, 207, 4, 1, 1, 0, 2, 5, 6)
    data = receiver_report + other_block + answer(middle_of(question), 0.5)
    assert list(answers(data, wall + 0.75)) == [(7, pytest.approx(0.25, abs=0.0001))]


def test_a_clock_that_was_set_back_or_a_question_never_heard_gives_no_round_trip():
    question = request(7, 1.7e9)
    assert list(answers(answer(middle_of(question), 0.5), 1.7e9)) == []
    assert list(answers(answer(0, 0.0), 1.7e9)) == []


@given(st.binary(max_size=80))
def test_whatever_comes_is_read_or_let_go(data):
    for ssrc, seconds in answers(data, 1.7e9):
        assert 0 <= ssrc < 1 << 32 and seconds >= 0
