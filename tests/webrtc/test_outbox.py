"""The outbox: numbered, in order, bounded, and what is old by now is not sent."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from webrtc.messages import ChatDelta, ChatDone, Notice, Pong, QueueInfo
from webrtc.outbox import HIGH_WATER, MAX_WAITING, Outbox


@dataclass
class FakeChannel:
    """A data channel whose other end may be slow."""

    readyState: str = "open"
    bufferedAmount: int = 0
    sent: list = field(default_factory=list)
    most: int = 1_000_000

    def send(self, data):
        if len(data) > self.most:
            raise ValueError("the remote party only supports shorter messages")
        self.sent.append(json.loads(data))


def notice(text):
    return Notice(code="test", text=text)


def pong(client_ts):
    queue = QueueInfo(video_frames=0, audio_chunks=0, video_duration=0, audio_duration=0, max_duration=10)
    return Pong(
        session_id="a",
        client_ts=client_ts,
        server_ts=0,
        queue_info=queue,
        load={"loop_lag_ms": 0, "analysis_lag_s": None},
    )


def opened(**state):
    channel, outbox = FakeChannel(**state), Outbox()
    outbox.open(channel)
    return channel, outbox


def test_messages_are_numbered_in_the_order_they_are_sent():
    channel, outbox = opened()
    for text in "abc":
        outbox.send(notice(text))
    assert [(m["seq"], m["text"]) for m in channel.sent] == [(1, "a"), (2, "b"), (3, "c")]


def test_without_an_open_channel_messages_are_dropped_and_counted():
    outbox = Outbox()
    outbox.send(notice("a"))
    outbox.open(FakeChannel(readyState="closing"))
    outbox.send(notice("b"))
    assert outbox.dropped == 2


def test_a_slow_page_gets_every_notice_but_only_the_newest_pong():
    channel, outbox = opened(bufferedAmount=HIGH_WATER + 1)
    for n in range(5):
        outbox.send(pong(n))
        outbox.send(notice(str(n)))
    assert channel.sent == []
    channel.bufferedAmount = 0
    outbox.flush()
    assert [m["text"] for m in channel.sent if m["type"] == "notice"] == list("01234")
    assert [m["client_ts"] for m in channel.sent if m["type"] == "pong"] == [4]
    assert outbox.dropped == 4


def test_what_waits_is_bounded():
    channel, outbox = opened(bufferedAmount=HIGH_WATER + 1)
    for n in range(MAX_WAITING + 50):
        outbox.send(notice(str(n)))
    channel.bufferedAmount = 0
    outbox.flush()
    assert len(channel.sent) == MAX_WAITING and channel.sent[0]["text"] == "50"
    assert outbox.dropped == 50


def delta(text, message_id="m"):
    return ChatDelta(message_id=message_id, text=text)


def end(text, message_id="m"):
    return ChatDone(
        message_id=message_id, text=text, html="", finish="complete", error=None, model=None,
        latency={"first": 1, "total": 2}, usage=None, timestamp=0, kept=True,
    )  # fmt: skip


def test_pieces_of_an_answer_that_wait_become_one_and_no_letter_is_lost():
    channel, outbox = opened(bufferedAmount=HIGH_WATER + 1)
    for text in ("You ", "sound ", "calm"):
        outbox.send(delta(text))
    outbox.send(delta("other", "m2"))
    outbox.send(delta("."))
    channel.bufferedAmount = 0
    outbox.flush()
    assert [(m["message_id"], m["text"]) for m in channel.sent] == [("m2", "other"), ("m", "You sound calm.")]


def test_the_end_of_an_answer_takes_the_place_of_its_pieces_that_wait():
    channel, outbox = opened(bufferedAmount=HIGH_WATER + 1)
    for message in (delta("You "), delta("other", "m2"), delta("sound"), end("You sound calm.")):
        outbox.send(message)
    channel.bufferedAmount = 0
    outbox.flush()
    assert [(m["type"], m["message_id"]) for m in channel.sent] == [("chat_delta", "m2"), ("chat_done", "m")]


def test_a_page_that_does_not_read_holds_one_piece_an_answer_at_most():
    channel, outbox = opened(bufferedAmount=HIGH_WATER + 1)
    outbox.send(notice("first"))
    for _ in range(10 * MAX_WAITING):
        outbox.send(delta("x"))
    channel.bufferedAmount = 0
    outbox.flush()
    assert [m["type"] for m in channel.sent] == ["notice", "chat_delta"]
    assert len(channel.sent[1]["text"]) == 10 * MAX_WAITING and outbox.dropped == 0


def test_an_end_that_is_too_long_for_the_page_comes_without_its_html():
    channel, outbox = opened(most=8000)
    outbox.send(end("a" * 5000).model_copy(update={"html": "b" * 5000}))
    assert (channel.sent[0]["text"], channel.sent[0]["html"]) == ("a" * 5000, "")
    assert (channel.sent[0]["finish"], channel.sent[0]["seq"]) == ("complete", 1)


def test_an_end_whose_text_is_too_long_for_the_page_comes_cut():
    channel, outbox = opened(most=8000)
    outbox.send(end("a" * 10_000))
    outbox.send(end("a" * 10_000).model_copy(update={"finish": "stopped"}))
    assert [(len(m["text"]), m["finish"]) for m in channel.sent] == [(4000, "length"), (4000, "stopped")]


def test_another_message_that_is_too_long_is_dropped_and_counted_and_those_after_it_come():
    channel, outbox = opened(most=8000)
    outbox.send(delta("a" * 10_000))
    outbox.send(notice("after"))
    assert [(m["text"], m["seq"]) for m in channel.sent] == [("after", 1)] and outbox.dropped == 1
