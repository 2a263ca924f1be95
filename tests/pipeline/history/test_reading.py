"""What is kept, as it is shown."""

from __future__ import annotations

import time

import pytest

from pipeline.history import reading
from pipeline.history.reading import read_clips, read_session, read_sessions, read_timeline, read_turns
from pipeline.history.views import ClipKnown
from pipeline.history.writing import write
from tests.pipeline.history.samples import AT, began, clip, label, turn


async def pages(database, limit):
    before, found = None, []
    async with database.reading() as connection:
        while True:
            page = await read_sessions(connection, limit, before)
            found.append([session.session_id for session in page.sessions])
            before = page.next
            if before is None:
                return found


async def test_sessions_are_listed_newest_first_a_page_at_a_time(database):
    same_moment = [began(name, at=AT + 3) for name in "dcba"]
    await write(database, [began("old"), *same_moment, began("new", at=AT + 4.000001)])
    assert await pages(database, 2) == [["new", "d"], ["c", "b"], ["a", "old"]]
    assert await pages(database, 4) == [["new", "d", "c", "b"], ["a", "old"]]
    assert await pages(database, 100) == [["new", "d", "c", "b", "a", "old"]]


async def test_an_empty_history_is_an_empty_page(database):
    assert await pages(database, 10) == [[]]


async def test_a_place_that_was_never_given_out_is_refused(database):
    async with database.reading() as connection:
        with pytest.raises(ValueError, match="before"):
            await read_sessions(connection, 10, "nonsense")


async def test_expressions_are_counted_without_those_that_were_only_provisional(database):
    seen = ["happy", "happy", "sad", "unknown", "unknown", "unknown"]
    final = [label(n, emotion=emotion, engine="qwen") for n, emotion in enumerate(seen)]
    first = [label(n, emotion="fear", provisional=True) for n in range(6)]
    await write(database, [began(), *final, *first, turn(), clip()])
    async with database.reading() as connection:
        session = await read_session(connection, "call")
    assert session.emotions == {"happy": 2, "sad": 1, "unknown": 3}
    assert (session.dominant, session.dominant_share) == ("happy", pytest.approx(2 / 3))
    assert (session.labels, session.turns, session.clips) == (12, 1, 1)
    assert session.duration is None and session.ended_at is None


async def test_expressions_that_stayed_provisional_count_where_there_are_no_others(database):
    await write(
        database, [began(), label(1, provisional=True), label(2, emotion="unknown", provisional=True)]
    )
    async with database.reading() as connection:
        session = await read_session(connection, "call")
    assert session.emotions == {"happy": 1, "unknown": 1} and session.dominant_share == 1.0


async def test_what_is_not_known_is_nothing(database):
    async with database.reading() as connection:
        assert await read_session(connection, "nobody") is None
        assert await read_timeline(connection, "nobody") is None
        assert await read_turns(connection, "nobody") == ()


async def test_a_timeline_is_in_order_of_time_however_it_was_written(database):
    batch = [
        began(),
        label(9),
        label(5),
        label(7),
        turn("b", second=4),
        turn("a", second=2),
        clip("z", 9),
        clip("y", 3),
    ]
    await write(database, batch)
    async with database.reading() as connection:
        kept = await read_timeline(connection, "call")
    assert [seen.window_end for seen in kept.labels] == [5, 7, 9]
    assert [said.message_id for said in kept.turns] == ["a", "b"]
    assert [saved.name for saved in kept.clips] == ["y", "z"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_an_hour_of_labels_is_read_in_a_moment(database):
    await write(database, [began(), *(label(float(n), provisional=bool(n % 2)) for n in range(7200))])
    began_at = time.process_time()
    async with database.reading() as connection:
        text = (await read_timeline(connection, "call")).model_dump_json()
    assert text.count('"window_end"') == 7200
    assert time.process_time() - began_at < 5.0  # 0.3 s; the ceiling is for slow machines


async def test_a_chat_is_read_in_the_order_in_which_it_was_said_also_where_the_clock_was_set_back(database):
    await write(database, [began(), turn("1", second=10), turn("2", second=20), turn("3", second=5)])
    async with database.reading() as connection:
        assert [turn.message_id for turn in await read_turns(connection, "call")] == ["1", "2", "3"]


async def test_of_a_long_chat_the_newest_turns_are_read(database, monkeypatch):
    await write(database, [began(), *(turn(str(n), text="x" * 100, html="y" * 100) for n in range(20))])
    monkeypatch.setattr(reading, "MOST_TURNS", 10)
    async with database.reading() as connection:
        assert [t.message_id for t in await read_turns(connection, "call")] == [str(n) for n in range(10, 20)]
        monkeypatch.setattr(reading, "MOST_CHARACTERS", 1000)
        assert [t.message_id for t in await read_turns(connection, "call")] == [str(n) for n in range(15, 20)]


async def test_of_a_clip_the_last_word_and_the_length_are_told_however_many_are_asked_for(
    database, monkeypatch
):
    monkeypatch.setattr(reading, "NAMES_AT_ONCE", 2)
    seen = [
        label(5.0, video_name="a"),
        label(5.0, video_name="a", provisional=True, emotion="sad", engine="first"),
        label(6.0, video_name="b", provisional=True, emotion="fear"),
        label(7.0, video_name="d"),
    ]
    await write(database, [began(), *seen, clip("a"), clip("c")])
    async with database.reading() as connection:
        known = await read_clips(connection, ["call"], ["a", "b", "c", "none"])
    assert known == {
        "a": ClipKnown(emotion="happy", duration=5.0),
        "b": ClipKnown(emotion="fear", duration=None),
        "c": ClipKnown(emotion=None, duration=5.0),
    }
