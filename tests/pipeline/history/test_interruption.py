"""Calls that the server did not live to see the end of."""

from __future__ import annotations

from pipeline.history.interruption import REASON, end_interrupted
from pipeline.history.reading import read_session, read_timeline
from pipeline.history.records import RecordingBegan, SessionEnded
from pipeline.history.writing import write
from tests.pipeline.history.samples import AT, began, clip, label, turn


async def test_they_ended_with_the_last_thing_known_of_them(database):
    over = [began("over"), SessionEnded(session_id="over", at=AT + 9, reason="left")]
    recorded = [began("recorded"), RecordingBegan(session_id="recorded", at=AT + 3)]
    talk = [began("talk", kind="chat"), turn(session_id="talk")]
    await write(database, [*over, *recorded, *talk, began("silent"), began(), label(7), turn(), clip()])
    assert await end_interrupted(database) == 3
    async with database.reading() as connection:
        ends = {
            name: (session.ended_at and session.ended_at - AT, session.end_reason)
            for name in ("over", "recorded", "talk", "silent", "call")
            if (session := await read_session(connection, name))
        }
        spans = (await read_timeline(connection, "recorded")).recordings
    assert ends == {
        "over": (9, "left"),
        "recorded": (3, REASON),
        "talk": (None, None),
        "silent": (0, REASON),
        "call": (7, REASON),
    }
    assert [(span.began_at, span.ended_at) for span in spans] == [(AT + 3, AT + 3)]
    assert await end_interrupted(database) == 0
