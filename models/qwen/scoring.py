"""What is asked in a conversation about a clip: how likely each class is, then one sentence on what shows it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import takewhile
from typing import TYPE_CHECKING

from models.base import EMOTIONS, Emotion, EngineFailed
from models.qwen.chat import Chat

if TYPE_CHECKING:
    from models.qwen.conversation import Conversation

LONGEST = 60
"""Tokens of a description."""

_SENTENCE = re.compile(r"\s*(.+?(?:[。！？!?]|(?<!\d)\.|(?=\n)))", re.DOTALL)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ufffd]+")


def probabilities(conversation: Conversation, chat: Chat) -> dict[Emotion, float]:
    """Shares over the classes: how likely each class's name is as the next answer, among the seven.

    The log-probabilities of a name's tokens are summed, not averaged: a second token that is all but certain after
    the first must not make an unlikely name likely.

    Raises `EngineFailed` when the model's figures are not numbers.
    """
    scores = conversation.log_probabilities([chat.text(emotion) for emotion in EMOTIONS])
    if not all(map(math.isfinite, scores)):
        raise EngineFailed("the model's scores are not numbers")
    highest = max(scores)
    weights = [math.exp(score - highest) for score in scores]
    return {emotion: weight / sum(weights) for emotion, weight in zip(EMOTIONS, weights, strict=True)}


def likeliest(shares: Mapping[Emotion, float]) -> Emotion:
    """The class with the largest share."""
    return max(shares, key=lambda emotion: shares[emotion])


def description(
    conversation: Conversation, chat: Chat, emotion: Emotion, question: str, in_time: Callable[[], bool]
) -> str | None:
    """What the model, having named an emotion, answers to a question: up to its first full sentence.

    None when that says nothing, or when it is no longer `in_time` before it ends.
    """
    if not in_time():
        return None
    conversation.read(chat.next(chat.text(emotion), question))
    text = first_sentence(chat, takewhile(lambda _: in_time(), conversation.reply(chat.ends, LONGEST)))
    return readable(text) if in_time() else None


def first_sentence(chat: Chat, tokens: Iterator[int]) -> str:
    """The words of tokens, which are asked for no longer than it takes to complete a sentence."""
    taken: list[int] = []
    for token in tokens:
        taken.append(token)
        if sentence := _SENTENCE.match(chat.words(taken)):
            return sentence[1]
    return chat.words(taken)


def readable(text: str) -> str | None:
    """A text on one line without what cannot be shown; None when no letter is in it."""
    shown = " ".join(_UNPRINTABLE.sub(" ", text).split())
    return shown if any(map(str.isalpha, shown)) else None
