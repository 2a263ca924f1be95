"""The chronicle: beginning, consent, recording and end, each once."""

from __future__ import annotations

from pipeline.history.records import ConsentSaid, RecordingBegan, RecordingEnded, SessionBegan, SessionEnded
from tests.pipeline.chat.fakes import FakeHistory
from webrtc.activity import Activity
from webrtc.chronicle import Chronicle
from webrtc.messages import Consent

BOTH = Activity(consent=Consent(analysis=True, recording=True))


def told(*steps):
    history = FakeHistory()
    chronicle = Chronicle("0a1b", history)
    for step in steps:
        step(chronicle)
    return history.records


def test_a_call_leaves_its_beginning_its_consent_its_recordings_and_its_end():
    records = told(
        lambda c: c.begin("zh"),
        lambda c: c.follow(BOTH),
        lambda c: c.follow(BOTH.start_recording()),
        lambda c: c.follow(BOTH.start_recording().pause("recording")),
        lambda c: c.follow(BOTH.start_recording()),
        lambda c: c.end("left"),
    )
    assert [type(record) for record in records] == [
        SessionBegan, ConsentSaid, RecordingBegan, RecordingEnded, RecordingBegan, RecordingEnded, SessionEnded,
    ]  # fmt: skip
    assert (records[0].kind, records[0].language) == ("call", "zh")
    assert (records[1].analysis, records[1].recording) == (True, True)
    assert records[-1].reason == "left"


def test_withdrawn_consent_ends_the_recording_and_is_kept_itself():
    records = told(
        lambda c: c.begin("en"),
        lambda c: c.follow(BOTH.start_recording()),
        lambda c: c.follow(BOTH.start_recording().with_consent(Consent())),
    )
    assert [type(record) for record in records[-2:]] == [ConsentSaid, RecordingEnded]


def test_a_consent_is_kept_with_the_version_of_its_words_and_again_when_they_are_others():
    words = [BOTH.with_consent(BOTH.consent, version) for version in ("1-a", "1-a", "2-b")]
    records = told(lambda c: c.begin("en"), *(lambda c, said=said: c.follow(said) for said in words))
    assert [record.version for record in records if isinstance(record, ConsentSaid)] == ["1-a", "2-b"]


def test_where_nothing_is_allowed_no_words_were_agreed_to():
    records = told(lambda c: c.begin("en"), lambda c: c.follow(Activity().with_consent(Consent(), "1-a")))
    assert [type(record) for record in records] == [SessionBegan]


def test_a_caller_who_never_said_hello_leaves_nothing():
    assert told(lambda c: c.follow(BOTH.start_recording()), lambda c: c.end("no hello")) == []


def test_what_is_said_twice_is_kept_once():
    records = told(
        lambda c: c.begin("en"), lambda c: c.begin("en"), lambda c: c.end("left"), lambda c: c.end("left")
    )
    assert [type(record) for record in records] == [SessionBegan, SessionEnded]


def test_a_clock_that_is_set_back_leaves_no_recording_open(monkeypatch):
    times = iter((100.0, 200.0, 300.0, 50.0, 60.0))
    monkeypatch.setattr("webrtc.chronicle.time.time", lambda: next(times))
    records = told(
        lambda c: c.begin("en"), lambda c: c.follow(BOTH.start_recording()), lambda c: c.end("left")
    )
    assert [record.at for record in records] == sorted(record.at for record in records)
