"""Records become rows, once."""

from __future__ import annotations

import math
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.history.reading import read_timeline, read_turns
from pipeline.history.records import (
    ConsentSaid,
    RecordingBegan,
    RecordingEnded,
    SessionEnded,
    TurnsCleared,
)
from pipeline.history.writing import write
from tests.pipeline.history.samples import AT, began, clip, label, turn


async def timeline(database, session_id="call"):
    async with database.reading() as connection:
        return await read_timeline(connection, session_id)


async def turns(database, session_id="call"):
    async with database.reading() as connection:
        return await read_turns(connection, session_id)


ALL = [
    began(),
    ConsentSaid(session_id="call", at=AT, analysis=True, recording=False),
    ConsentSaid(session_id="call", at=AT + 1, analysis=True, recording=True),
    RecordingBegan(session_id="call", at=AT + 2),
    turn(mood="likely happy"),
    turn(
        role="assistant",
        text="Well.",
        second=2,
        html="<p>Well.</p>",
        model="m",
        finish="complete",
        first_ms=300.0,
        total_ms=900.0,
        prompt_tokens=12,
        completion_tokens=3,
    ),
    label(5, provisional=True),
    label(5, engine="qwen", reason=None, confidence=None, probabilities={}),
    clip(),
    RecordingEnded(session_id="call", at=AT + 6),
    RecordingBegan(session_id="call", at=AT + 7),
    SessionEnded(session_id="call", at=AT + 8, reason="the caller left"),
]


async def test_what_is_written_is_read_as_it_was(database):
    assert await write(database, ALL) == []
    kept = await timeline(database)
    assert await turns(database) == (ALL[4], ALL[5])
    assert [(seen.engine, seen.provisional) for seen in kept.labels] == [("embedded", True), ("qwen", False)]
    assert kept.labels[0].probabilities == {"happy": 0.75, "sad": 0.25}
    assert kept.labels[0].latency == {"decode": 1.0, "features": 2.0, "inference": 3.0, "total": 6.0}
    assert kept.labels[1].confidence is None and kept.labels[1].probabilities == {}
    assert (kept.clips[0].name, kept.clips[0].start, kept.clips[0].size) == ("clip.webm", 0.0, 1000)
    assert [(c.at - AT, c.analysis, c.recording) for c in kept.consents] == [
        (0, True, False),
        (1, True, True),
    ]
    assert [(r.began_at - AT, r.ended_at - AT) for r in kept.recordings] == [(2, 6), (7, 8)]
    assert (kept.session.ended_at, kept.session.end_reason) == (AT + 8, "the caller left")
    assert (kept.session.labels, kept.session.turns, kept.session.clips) == (2, 2, 1)
    assert kept.session.duration == 8.0


async def test_what_is_written_again_is_there_once(database):
    await write(database, ALL)
    once = await timeline(database)
    await write(database, ALL)
    await write(database, ALL[3:])
    assert await timeline(database) == once


async def test_the_end_of_a_recording_written_again_does_not_end_the_next(database):
    spans = [RecordingBegan(session_id="call", at=AT), RecordingEnded(session_id="call", at=AT + 1)]
    spans.append(RecordingBegan(session_id="call", at=AT + 2))
    for _ in range(2):
        await write(database, [began(), *spans])
    ends = [span.ended_at for span in (await timeline(database)).recordings]
    assert ends == [AT + 1, None]


async def test_a_turn_of_the_same_message_and_role_takes_the_place_of_the_one_before(database):
    await write(database, [began(), turn(text="first"), turn("2"), turn(text="second")])
    assert [said.text for said in await turns(database)] == ["second", "How do I look?"]


async def test_a_session_said_again_changes_nothing(database):
    await write(database, [began(at=AT), began(at=AT + 5, kind="chat")])
    session = (await timeline(database)).session
    assert (session.began_at, session.kind) == (AT, "call")


async def test_what_belongs_to_a_session_that_never_began_is_kept(database):
    assert await write(database, [turn(session_id="talk"), label(session_id="call")]) == []
    assert (await timeline(database, "talk")).session.kind == "chat"
    assert (await timeline(database, "call")).session.kind == "call"


async def test_a_chat_that_is_cleared_leaves_only_what_was_said_after(database):
    batch = [began(), turn("1"), TurnsCleared(session_id="call"), turn("2")]
    await write(database, batch)
    await write(database, batch)
    assert [said.message_id for said in await turns(database)] == ["2"]


async def test_a_record_that_the_database_does_not_take_leaves_all_others(database):
    batch = [began(), *(label(second) for second in range(20))]
    batch[3:3] = [clip("huge.webm", size=2**70)]
    batch[9:9] = [label(math.nan)]
    assert await write(database, batch) == [3, 9]
    kept = await timeline(database)
    assert len(kept.labels) == 20 and not kept.clips


async def test_a_record_that_makes_no_sense_leaves_all_others(database):
    batch = [turn("1"), turn("2", text=None), turn("3", prompt_tokens="many"), turn("4")]
    assert await write(database, batch) == [1, 2]
    assert [said.message_id for said in await turns(database)] == ["1", "4"]


async def test_a_name_that_is_too_long_for_an_index_leaves_all_others(database):
    endless = random.Random(1).randbytes(20_000).hex()
    refused = await write(database, [began(), turn(endless), clip(endless), turn("2")])
    assert refused == ([] if database.is_file else [1, 2])  # SQLite has no such limit
    assert "2" in {said.message_id for said in await turns(database)}


async def test_an_expression_may_be_seen_in_many_calls_at_a_time(database):
    assert await write(database, [label(5, session_id=str(call)) for call in range(8)]) == []
    assert (await timeline(database, "7")).session.labels == 1


NASTY = st.text(st.characters(exclude_categories=()), max_size=50)  # lone surrogates and NUL too
FLOATS = st.none() | st.floats()


def plain(text):
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def finite(value):
    return value if value is not None and math.isfinite(value) else None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_whatever_is_said_is_kept_but_for_what_is_no_text_or_number(database, data):
    text, mood, figure = data.draw(NASTY), data.draw(st.none() | NASTY), data.draw(FLOATS)
    said = turn("nasty", text, mood=mood, first_ms=figure, html=text, model=text)
    seen = label(
        9, description=text, valence=figure, confidence=figure, probabilities={"happy": figure or 0.0}
    )
    assert await write(database, [began(), said, seen]) == []
    kept = await timeline(database)
    back, looked = kept.turns[0], kept.labels[0]
    assert back.text == back.html == back.model == looked.description == plain(text)
    assert back.mood == (None if mood is None else plain(mood))
    assert back.first_ms == looked.valence == looked.confidence == finite(figure)
    assert kept.model_dump_json()


async def test_a_huge_text_is_kept_whole(database):
    text = "größer " * 100_000
    await write(database, [began(), turn(text=text)])
    assert (await turns(database))[0].text == text
