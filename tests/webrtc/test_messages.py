"""The messages: the golden examples are read as they stand, and nothing a page sends raises anything else."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc import messages

GOLDEN = json.loads((Path(__file__).parent.parent / "golden" / "messages.json").read_text())
SERVER = {model.model_fields["type"].default: model for model in get_args(messages.ServerMessage)}
PAGE = {
    get_args(model.model_fields["type"].annotation)[0]: model
    for model in get_args(get_args(messages.PageMessage)[0])
}


@pytest.mark.parametrize("example", GOLDEN["page"], ids=lambda m: m["type"])
def test_a_pages_example_is_read_as_it_stands(example):
    assert messages.parse(json.dumps(example)).model_dump() == example


@pytest.mark.parametrize("example", GOLDEN["server"], ids=lambda m: m["type"])
def test_a_servers_example_is_what_the_server_would_send(example):
    assert json.loads(SERVER[example["type"]](**example).model_dump_json()) == example


def test_there_is_an_example_of_every_message():
    assert {m["type"] for m in GOLDEN["page"]} == set(PAGE)
    assert {m["type"] for m in GOLDEN["server"]} == set(SERVER)


def test_consent_that_is_absent_is_no():
    hello = messages.parse('{"type": "hello", "version": 1}')
    assert hello.consent == messages.Consent(analysis=False, recording=False)


def test_unknown_fields_are_ignored_and_unknown_types_told_apart():
    assert messages.parse('{"type": "start_recording", "later": 1}').type == "start_recording"
    with pytest.raises(messages.UnknownMessage):
        messages.parse('{"type": "teleport"}')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"type": "ping"}',
        '{"type": "hello", "version": "x"}',
        b"{}",
        "x" * 70_000,
    ],
)
def test_malformed_messages_are_told_as_such(text):
    with pytest.raises(messages.MalformedMessage):
        messages.parse(text)


@given(st.one_of(st.text(), st.binary(), st.recursive(st.none() | st.text(), st.lists).map(json.dumps)))
def test_whatever_a_page_sends_is_a_message_or_one_of_two_errors(text):
    with contextlib.suppress(messages.UnknownMessage, messages.MalformedMessage):
        messages.parse(text)
