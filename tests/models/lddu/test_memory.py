from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.lddu.memory import Seen


def seen_at(*times: float) -> Seen:
    return Seen({time: np.full(2, time, dtype=np.float32) for time in times})


@given(st.floats(0, 1e5), st.floats(0, 1e5), st.floats(0, 4))
def test_a_frame_is_recognised_in_another_window(first: float, second: float, later: float) -> None:
    time = max(first, second) + later
    rounded = [start + round((time - start) * 1000) / 1000 for start in (first, second)]
    seen = seen_at(rounded[0])
    assert seen.unseen([rounded[1]], 1.0) == []
    assert seen.unseen([rounded[1] + 1], 1.0) == [rounded[1] + 1]


@given(st.lists(st.floats(0, 30), max_size=40, unique=True), st.integers(1, 8))
def test_a_window_is_spread_over_its_looks_in_order_of_time(times: list[float], most: int) -> None:
    inside = [float(each[0]) for each in seen_at(*times).between(5, 25, most)]
    there = sorted(np.float32(time) for time in times if 5 - 1e-3 <= time <= 25 + 1e-3)
    assert inside == sorted(inside) and len(inside) == min(len(there), most)
    if inside:
        assert inside[0] == there[0]
    if len(inside) > 1:
        assert inside[-1] == there[-1]


def test_old_looks_go() -> None:
    seen = seen_at(*range(10))
    seen.let_go(7.0)
    assert sorted(seen.vectors) == [7, 8, 9]
