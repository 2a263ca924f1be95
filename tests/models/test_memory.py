from __future__ import annotations

from models.memory import MOST_SESSIONS, Memory


def test_sessions_are_bounded_and_the_longest_unused_goes() -> None:
    memory: Memory[list[int]] = Memory(list)
    kept = memory.of("kept")
    for at in range(2 * MOST_SESSIONS):
        memory.of(str(at))
        memory.of("kept")
    assert len(memory) == MOST_SESSIONS
    assert memory.of("kept") is kept


def test_a_forgotten_session_starts_anew() -> None:
    memory: Memory[list[int]] = Memory(list)
    first = memory.of("a")
    memory.forget("a")
    memory.forget("never seen")
    assert memory.of("a") is not first
