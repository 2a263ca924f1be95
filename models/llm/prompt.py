"""What the model is told before a conversation, and how one is laid out for it."""

from __future__ import annotations

from collections.abc import Sequence

from models.llm.base import ChatTurn
from models.llm.tokens import A_TURN, estimate, fitted

SYSTEM = """\
You are Mien, a warm and attentive partner in conversation. You talk with somebody who may be in a video call with \
you while they write.

- Be brief: a few sentences, as in a chat, and more only when they ask for it or the matter needs it.
- Answer in the language of their last message.
- Ask a question back now and then, never more than one.
- Use Markdown only where it helps: a short list, a bit of code.

You may be told, in a separate message, which expressions a classifier saw on their face. Those are guesses of a \
program and often wrong: take them as context for your tone, never as fact. Do not tell people what they feel, do not \
bring up their expression of your own accord, and do not mention the classifier or its numbers unless they ask. If \
they ask, say plainly what you were told and that it is a guess. You do not see the picture and hear no sound.

You are no therapist or doctor. If somebody seems to be in danger, say so kindly and name people who can help."""

Message = dict[str, str]


def laid_out(
    turns: Sequence[ChatTurn], *, system: str | None, mood: str | None, context_tokens: int
) -> tuple[ChatTurn, ...]:
    """The turns that fit beside what the model is told."""
    told = estimate(system or SYSTEM) + A_TURN + (estimate(mood) + A_TURN if mood else 0)
    return fitted(turns, context_tokens - told)


def messages_of(
    turns: Sequence[ChatTurn], *, system: str | None, mood: str | None, together: bool = False
) -> list[Message]:
    """The conversation as it is sent. `together` puts all that the model is told into one message."""
    prompt = system or SYSTEM
    said: list[Message] = [{"role": turn.role, "content": turn.text} for turn in turns]
    if mood and together:
        prompt = f"{prompt}\n\n{mood}"
    elif mood:
        # Just before the question, so that all before it stays the same from one to the next: servers keep what they
        # have read of it, and answer sooner.
        said.insert(len(said) - 1, {"role": "system", "content": mood})
    return [{"role": "system", "content": prompt}, *said]
