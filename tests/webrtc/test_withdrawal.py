"""A consent that is withdrawn: what came of it is deleted, in the right order, and the page is told."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import threading
from contextlib import asynccontextmanager, suppress

import pytest

from pipeline.chat.reply import Said
from pipeline.history.records import LabelSeen, SessionEnded, Withdrawn
from pipeline.library import Library, Retention, clip_name
from tests.pipeline.chat.fakes import FakeHistory
from tests.webrtc.services import fake_services
from tests.webrtc.test_outbox import FakeChannel
from tests.webrtc.test_windows import ANALYSING, RECORDING, FakeAnalysis, answer
from tests.webrtc.test_windows import running as windows_running
from webrtc.activity import Activity
from webrtc.config import SessionConfig
from webrtc.messages import Consent, EmotionMessage, parse
from webrtc.outbox import HIGH_WATER, Outbox
from webrtc.session import Session
from webrtc.withdrawal import Withdrawal

OURS, OTHERS = "0a1b", "2c3d"
BOTH = Activity(consent=Consent(analysis=True, recording=True))
NONE = Activity()


@pytest.fixture
def library(tmp_path):
    library = Library(
        tmp_path / "videos",
        tmp_path / "thumbnails",
        Retention(max_count=100, max_bytes=10**9, max_age=10**9),
    )
    library.prepare()
    for session_id in (OURS, OTHERS):
        name = clip_name(1_700_000_000.0, session_id, "webm")
        library.save(name, b"clip")
        library.save_thumbnail(name, b"picture")
    return library


@asynccontextmanager
async def running(library, history=None):
    channel, outbox = FakeChannel(), Outbox()
    outbox.open(channel)
    services = fake_services(library=library, history=history)
    withdrawal = Withdrawal(OURS, outbox, services)
    withdrawal.follow(BOTH)
    task = asyncio.create_task(withdrawal.run())
    try:
        yield withdrawal, services, channel
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def told(channel):
    async with asyncio.timeout(5):
        while not channel.sent:
            await asyncio.sleep(0.01)
    return [(message["code"], message["level"]) for message in channel.sent]


async def test_withdrawn_recording_deletes_clips_pictures_and_mp4s_of_this_session_alone(library):
    async with running(library) as (withdrawal, services, channel):
        withdrawal.follow(Activity(consent=Consent(analysis=True)))
        assert services.history.records == [Withdrawn(session_id=OURS, what="recording")]
        assert await told(channel) == [("clips_deleted", "info")]
        assert [clip.session_id for clip in library.list()] == [OTHERS]
        assert [path.name for path in library.thumbnails.iterdir()] == [f"{library.list()[0].name}.jpg"]
        assert services.transcoder.removed == [clip_name(1_700_000_000.0, OURS, "webm")]


async def test_withdrawn_analysis_deletes_labels_and_leaves_the_clips(library):
    async with running(library) as (withdrawal, services, channel):
        withdrawal.follow(Activity(consent=Consent(recording=True)))
        assert services.history.records == [Withdrawn(session_id=OURS, what="analysis")]
        assert await told(channel) == [("labels_deleted", "info")]
        assert len(library.list()) == 2


async def test_what_was_never_given_and_a_pause_delete_nothing(library):
    async with running(library) as (withdrawal, services, _):
        withdrawal.follow(BOTH.pause("analysis").pause("recording"))
        withdrawal.follow(BOTH)
        withdrawal.follow(NONE)
        deleted = list(services.history.records)
        withdrawal.follow(NONE)
        assert [record.what for record in deleted] == ["analysis", "recording"]
        assert services.history.records == deleted


async def test_where_the_history_is_out_of_reach_the_page_is_told_that_it_follows(library):
    history = FakeHistory()
    history.broken = True
    async with running(library, history) as (withdrawal, _, channel):
        withdrawal.follow(NONE)
        await told(channel)
        await asyncio.sleep(0.05)
        assert [(message["code"], message["level"]) for message in channel.sent] == [
            ("labels_deleted_later", "warning"),
            ("clips_deleted_later", "warning"),
        ]
        assert len(library.list()) == 1


async def test_a_disk_that_refuses_is_said(library, monkeypatch):
    def refuses(session_id):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(library, "remove", refuses)
    async with running(library) as (withdrawal, _, channel):
        withdrawal.follow(Activity(consent=Consent(analysis=True)))
        assert await told(channel) == [("clips_not_deleted", "error")]
        assert channel.sent[0]["detail"] == os.strerror(errno.EROFS)


async def test_a_session_that_ends_at_once_deletes_its_clips_all_the_same(library):
    async with running(library) as (withdrawal, *_):
        withdrawal.follow(NONE)
    await withdrawal.settle()
    assert [clip.session_id for clip in library.list()] == [OTHERS]


async def test_the_conversation_forgets_what_the_model_was_told_of_expressions(library):
    async with running(library) as (withdrawal, services, _):
        conversation = await services.chat.conversation(OURS)
        await conversation.say(Said(message_id="1", text="Hi", mood="mostly happy"))
        withdrawal.follow(NONE)
        assert [turn.mood for turn in conversation.turns] == [None]


async def test_a_slow_page_is_not_sent_a_label_that_waited(library):
    async with running(library) as (withdrawal, _, channel):
        channel.bufferedAmount = HIGH_WATER + 1
        withdrawal._outbox.send(EmotionMessage.model_construct(type="emotion_result"))
        withdrawal.follow(NONE)
        channel.bufferedAmount = 0
        assert {message["type"] for message in await _all(channel, withdrawal)} == {"notice"}


async def _all(channel, withdrawal):
    await asyncio.sleep(0.1)
    withdrawal._outbox.flush()
    return channel.sent


async def test_no_label_is_stored_or_sent_after_the_withdrawal(library):
    history = FakeHistory()
    async with windows_running(library, history=history) as (windows, _, analysis, channel):
        analysis.answers, analysis.takes = [answer("embedded")] * 20, 0.01
        withdrawal = Withdrawal(OURS, Outbox(), fake_services(library=library, history=history))
        for activity in (ANALYSING, NONE):
            windows.follow(activity)
            withdrawal.follow(activity)
            if activity is ANALYSING:
                await asyncio.sleep(0.35)
        sent = len(channel.sent)
        await asyncio.sleep(0.3)
        kinds = [type(record) for record in history.records]
        assert LabelSeen in kinds and kinds[-1] is Withdrawn
        assert len(channel.sent) == sent
        assert analysis.forgotten == [OURS]


async def test_a_clip_that_is_being_written_as_the_consent_ends_is_not_kept(library, monkeypatch):
    save, begun, go_on = library.save, asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(name, data):
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(5)
        save(name, data)

    monkeypatch.setattr(library, "save", slow)
    history = FakeHistory()
    async with windows_running(library, history=history) as (windows, _, _, channel):
        windows.follow(RECORDING)
        await asyncio.wait_for(begun.wait(), 5)
        windows.follow(NONE)
        library.remove(OURS)
        go_on.set()
        await asyncio.sleep(0.3)
        assert [clip.session_id for clip in library.list()] == [OTHERS]
        assert history.records == [] and channel.sent == []


async def test_a_consent_that_is_withdrawn_with_the_last_words_of_a_page_counts(library):
    services = fake_services(analysis=FakeAnalysis(), library=library)
    session = Session(
        "0a1b", SessionConfig(ring_duration=10.0, buffer_duration=5.0, save_interval=1.0), services
    )
    hello = {"type": "hello", "version": 1, "consent": {"analysis": True, "recording": True}}
    session._obey(parse(json.dumps(hello)))
    session.inbox.put("no message")
    session.inbox.put(json.dumps({"type": "set_consent", "analysis": False, "recording": False}))
    session.leave("the page said goodbye")
    await session.run()
    records = services.history.records
    assert [record.what for record in records if isinstance(record, Withdrawn)] == ["analysis", "recording"]
    assert isinstance(records[-1], SessionEnded)
