"""How much of a conversation is sent along: tokens are estimated, and the oldest turns are left out."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from itertools import chain

from models.llm.base import ChatTurn

A_TURN = 4
"""Tokens that a message costs beside its text."""

LATIN_CHARACTERS = 4
"""Characters a token, about, in Latin script; in Chinese, Japanese and Korean each is one."""

_WIDE = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)

Exchange = tuple[ChatTurn, ...]
"""What a user says and what is answered to it, if anything is."""


def estimate(text: str) -> int:
    """Tokens of a text, about."""
    wide = len(_WIDE.findall(text))
    return wide + math.ceil((len(text) - wide) / LATIN_CHARACTERS)


def exchanges(turns: Iterable[ChatTurn]) -> list[Exchange]:
    """Turns as they belong together, in their order."""
    grouped: list[list[ChatTurn]] = []
    for turn in turns:
        if turn.role == "user" or not grouped:
            grouped.append([])
        grouped[-1].append(turn)
    return [tuple(each) for each in grouped]


def fitted(turns: Sequence[ChatTurn], room: int) -> tuple[ChatTurn, ...]:
    """The newest turns that fit into so many tokens, exchanges whole, and the newest one whatever its length."""
    kept: list[Exchange] = []
    for exchange in reversed(exchanges(turns)):
        room -= sum(estimate(turn.text) + A_TURN for turn in exchange)
        if kept and room < 0:
            break
        kept.append(exchange)
    return tuple(chain.from_iterable(reversed(kept)))


def newer_half(turns: Sequence[ChatTurn]) -> tuple[ChatTurn, ...] | None:
    """Without the older half of the exchanges; None when there is only one."""
    there = exchanges(turns)
    if len(there) < 2:
        return None
    return tuple(chain.from_iterable(there[math.ceil(len(there) / 2) :]))
