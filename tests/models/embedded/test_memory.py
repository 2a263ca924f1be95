from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.embedded.fusion import Seen
from models.embedded.memory import MOST_MOMENTS, SessionMemory
from models.memory import CLOSEST


@given(st.floats(0, 1e5), st.floats(0, 1e5), st.floats(0, 4))
def test_a_frame_is_recognised_in_another_window(first: float, second: float, later: float) -> None:
    time = max(first, second) + later  # of the frame, in session seconds
    rounded = [start + round((time - start) * 1000) / 1000 for start in (first, second)]
    memory = SessionMemory(seen=[Seen(time=rounded[0], reason="no_face")])
    assert memory.unseen([rounded[1]], 1.0) == []
    assert memory.unseen([rounded[1] + 1], 1.0) == [rounded[1] + 1]


@given(st.lists(st.floats(0, 5), max_size=60), st.lists(st.floats(0, 5), max_size=5))
def test_looks_are_never_closer_than_that(times: list[float], seen: list[float]) -> None:
    memory = SessionMemory(seen=[Seen(time=time, reason="no_face") for time in seen])
    wanted = memory.unseen(sorted(times), 1.0)
    assert len(wanted) <= 5 / CLOSEST + 1
    assert all(abs(time - other) >= CLOSEST for time in wanted for other in seen)
    # and no stretch is left out for it
    assert all(any(abs(time - other) < CLOSEST for other in (*wanted, *seen)) for time in times)


def test_old_moments_go() -> None:
    memory = SessionMemory(seen=[Seen(time=time, reason="no_face") for time in range(20)])
    memory.let_go(before=10.0)
    assert [seen.time for seen in memory.seen] == list(range(10, 20))


def test_moments_are_bounded_in_number() -> None:
    memory = SessionMemory(seen=[Seen(time=at / 1000, reason="no_face") for at in range(1000)])
    memory.let_go(before=0.0)
    assert len(memory.seen) == MOST_MOMENTS
    assert memory.seen[-1].time == 0.999
