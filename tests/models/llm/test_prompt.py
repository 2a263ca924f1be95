from __future__ import annotations

from models.llm.base import ChatTurn
from models.llm.prompt import SYSTEM, laid_out, messages_of
from models.llm.tokens import A_TURN, estimate

TURNS = (
    ChatTurn(role="user", text="Hi"),
    ChatTurn(role="assistant", text="Hello"),
    ChatTurn(role="user", text="How are you?"),
)


def test_the_mood_stands_just_before_the_question():
    messages = messages_of(TURNS, system=None, mood="Seen: a smile.")
    assert messages[0] == {"role": "system", "content": SYSTEM}
    assert messages[-2:] == [
        {"role": "system", "content": "Seen: a smile."},
        {"role": "user", "content": "How are you?"},
    ]
    assert messages[:-2] == messages_of(TURNS, system=None, mood=None)[:-1]


def test_all_that_the_model_is_told_can_be_one_message():
    messages = messages_of(TURNS, system="Be kind.", mood="Seen: a smile.", together=True)
    assert [each["role"] for each in messages] == ["system", "user", "assistant", "user"]
    assert messages[0]["content"] == "Be kind.\n\nSeen: a smile."


def test_prompt_and_mood_take_their_part_of_the_room():
    mood = "word " * 100
    all_of_it = sum(estimate(turn.text) + A_TURN for turn in TURNS) + estimate(SYSTEM) + A_TURN
    assert laid_out(TURNS, system=None, mood=None, context_tokens=all_of_it) == TURNS
    assert laid_out(TURNS, system=None, mood=None, context_tokens=all_of_it - 1) == TURNS[2:]
    assert laid_out(TURNS, system=None, mood=mood, context_tokens=all_of_it) == TURNS[2:]


def test_the_prompt_asks_for_care_with_what_was_seen():
    for words in ("guesses", "never as fact", "Do not tell people what they feel", "unless they ask"):
        assert words in SYSTEM
