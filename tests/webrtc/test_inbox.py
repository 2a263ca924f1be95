"""The inbox: bounded, in order, and deaf to what nobody can understand."""

from __future__ import annotations

import json

import pytest

from webrtc.inbox import MAX_WAITING, Inbox
from webrtc.messages import GetSessionStatus, MalformedMessage, Pause, SetConsent

STATUS = json.dumps({"type": "get_session_status"})
PAUSE = json.dumps({"type": "pause", "what": "analysis"})
CONSENT = json.dumps({"type": "set_consent", "analysis": True, "recording": False})
UNKNOWN = json.dumps({"type": "teleport"})


async def test_messages_are_read_in_the_order_in_which_they_came():
    inbox = Inbox()
    for text in (STATUS, PAUSE, CONSENT):
        inbox.put(text)
    assert [type(await inbox.get()) for _ in range(3)] == [GetSessionStatus, Pause, SetConsent]


async def test_what_there_is_no_room_for_is_dropped_and_counted():
    inbox = Inbox()
    for _ in range(MAX_WAITING + 3):
        inbox.put(STATUS)
    assert inbox.lost == 3 and len(list(inbox.rest())) == MAX_WAITING


async def test_unknown_messages_are_passed_over_and_counted():
    inbox = Inbox()
    for text in (UNKNOWN, UNKNOWN, PAUSE):
        inbox.put(text)
    assert isinstance(await inbox.get(), Pause) and inbox.unknown == 2


async def test_a_malformed_message_is_said_and_the_next_one_read():
    inbox = Inbox()
    inbox.put("{not json")
    inbox.put(PAUSE)
    with pytest.raises(MalformedMessage):
        await inbox.get()
    assert isinstance(await inbox.get(), Pause)


async def test_of_the_rest_what_can_be_understood_is_taken_out():
    inbox = Inbox()
    for text in ("{not json", UNKNOWN, CONSENT):
        inbox.put(text)
    assert [type(message) for message in inbox.rest()] == [SetConsent]
    assert list(inbox.rest()) == []
