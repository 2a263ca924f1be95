"""What is too old leaves, little by little, and what is not stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from pipeline.history import retention
from pipeline.history.database import Database
from pipeline.history.reading import read_session, read_timeline
from pipeline.history.records import ConsentSaid, RecordingBegan, SessionEnded
from pipeline.history.retention import Aged, Ages, age_out
from pipeline.history.worker import Worker
from pipeline.history.writing import write
from tests.pipeline.history.conftest import locked
from tests.pipeline.history.samples import AT, began, clip, label, recording, turn
from tests.pipeline.history.test_deletion import SECRET, traces

AGES = Ages(labels=100.0, chat=200.0, clips=50.0)


class Clock:
    now = AT

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def worker(database, clock):
    return Worker(database, AGES, clock)


def ended(second, session_id="call"):
    return SessionEnded(session_id=session_id, at=AT + second, reason="left")


async def timeline(database, session_id="call"):
    async with database.reading() as connection:
        return await read_timeline(connection, session_id)


async def test_each_leaves_at_its_own_age_also_in_a_call_that_goes_on(database, worker, clock):
    await write(database, [began(), label(0), label(10), turn("1", mood="happy", second=0), clip(second=0)])
    for age, left in (
        (50, (2, "happy", 1)),
        (51, (2, "happy", 0)),
        (101, (1, None, 0)),
        (111, (0, None, 0)),
    ):
        clock.now = AT + age
        await worker.retain()
        kept = await timeline(database)
        assert (len(kept.labels), kept.turns[0].mood, len(kept.clips)) == left, age
    clock.now = AT + 201
    assert await worker.retain() == Aged(turns=1)
    clock.now = AT + 10_000
    assert not await worker.retain()
    assert (await timeline(database)).session.ended_at is None  # it goes on


async def test_a_session_leaves_with_its_consents_once_it_ended_long_ago_and_nothing_of_it_is_left(
    database, worker, clock
):
    consent = ConsentSaid(session_id="call", at=AT, analysis=True, recording=True)
    recording = RecordingBegan(session_id="call", at=AT)
    await write(database, [began(), consent, recording, turn("1", second=150), ended(160)])
    clock.now = AT + 350
    assert not await worker.retain()
    clock.now = AT + 359
    assert await worker.retain() == Aged(turns=1)
    assert (await timeline(database)).consents
    clock.now = AT + 361
    assert await worker.retain() == Aged(sessions=1)
    async with database.reading() as connection:
        assert await read_session(connection, "call") is None
        for table in ("consents", "recordings"):
            assert await connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0


async def test_what_is_known_of_a_recording_leaves_at_an_age_of_its_own_and_holds_its_session(
    database,
):
    await write(database, [began(), recording(second=0), ended(1)])
    assert await age_out(database, replace(AGES, recordings=400), AT + 399) == Aged()
    assert await age_out(database, replace(AGES, recordings=400), AT + 401) == Aged(recordings=1, sessions=1)


async def test_a_conversation_without_a_call_ages_out_though_it_never_ends(database, worker, clock):
    await write(database, [began("talk", kind="chat"), turn("1", second=0, session_id="talk")])
    clock.now = AT + 199
    assert not await worker.retain()
    clock.now = AT + 201
    assert await worker.retain() == Aged(turns=1, sessions=1)


async def test_one_transaction_takes_no_more_than_a_batch_and_a_sweep_takes_all(
    database, worker, clock, monkeypatch
):
    monkeypatch.setattr(retention, "BATCH", 7)
    monkeypatch.setattr(retention, "SESSIONS", 2)
    ids = [f"call{n}" for n in range(5)]
    await write(
        database,
        [began(), *(label(n) for n in range(20)), *(r for id_ in ids for r in (began(id_), ended(1, id_)))],
    )
    assert await age_out(database, AGES, AT + 1000) == Aged(labels=7, sessions=2)
    clock.now = AT + 1000
    assert await worker.retain() == Aged(labels=13, sessions=3)
    assert not await worker.retain()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_no_byte_of_what_was_too_old_is_left_in_the_files(database, worker, clock):
    await write(database, [began(), *(label(n, description=SECRET) for n in range(90)), turn("1", SECRET)])
    clock.now = AT + 10_000
    assert traces(database)
    await worker.retain()
    assert not traces(database)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_what_cannot_be_deleted_now_is_the_next_time(database, worker, clock, url):
    await write(database, [began(), label(0)])
    clock.now = AT + 10_000
    async with database.bare() as connection:
        await connection.execute(text("PRAGMA busy_timeout=20"))
    async with locked(url):
        assert not await worker.retain()
    assert await worker.retain() == Aged(labels=1)


async def test_without_ages_everything_is_kept_and_one_that_is_not_open_is_left_alone(database, file_url):
    await write(database, [began(), label(0)])
    assert not await Worker(database).retain()
    assert not await Worker(Database(file_url), AGES).retain()
