"""What a language model answered, as one of our classes: from its words, or from its log-probabilities."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping

from models.base import EMOTIONS, Emotion

WORDS: Mapping[Emotion, tuple[str, ...]] = {
    "happy": (
        "happy",
        "happiness",
        "joy",
        "joyful",
        "smiling",
        "开心",
        "高兴",
        "快乐",
        "愉快",
        "喜悦",
        "幸福",
    ),
    "sad": ("sad", "sadness", "sorrow", "sorrowful", "悲伤", "伤心", "难过", "悲哀", "沮丧", "忧伤"),
    "angry": ("angry", "anger", "mad", "furious", "生气", "愤怒", "恼怒", "气愤", "发怒"),
    "surprise": ("surprise", "surprised", "astonished", "惊讶", "吃惊", "惊奇", "惊喜", "震惊"),
    "fear": ("fear", "fearful", "afraid", "scared", "害怕", "恐惧", "惊恐", "惧怕"),
    "disgust": ("disgust", "disgusted", "厌恶", "恶心", "反感", "讨厌"),
    "neutral": ("neutral", "calm", "中性", "平静", "中立", "平和", "无表情"),
}
"""Words by which models name the classes, in English and Chinese."""

_LABEL_OF = {word: emotion for emotion, words in WORDS.items() for word in words}
_ENGLISH = "|".join(word for word in _LABEL_OF if word.isascii())
_CHINESE = "|".join(sorted((word for word in _LABEL_OF if not word.isascii()), key=len, reverse=True))

# An English word stands alone, between letters of no other; 生气勃勃 is lively, not 生气.
_WORD = rf"(?:(?<![a-z])(?:{_ENGLISH})(?![a-z])|(?:{_CHINESE})(?!勃勃))"
_NOT_BETWEEN = "but|only|just|merely|doubt|yet|and|so|then|while|though|because|is|are|who"
_NO = (
    r"(?<![a-z])(?:not|no|never|neither|nor|without|cannot|[a-z]+n['’]t|lack|rather\s+than|instead\s+of)(?![a-z])"
    rf"(?:\s+(?!(?:{_NOT_BETWEEN})(?![a-z]))[a-z'’-]+){{0,3}}?[\s\"'*_]+"
)
_NO_IN_CHINESE = (
    r"(?<!莫)[不没未非无别](?:是|有|太|很|怎么|那么|会|再|像|感到|觉得|显得|表现出|流露出|带有|带|出|到|任何|明显|"
    r"丝毫|什么|一点|特别|十分|的|在)*"
)
_AND_MORE = rf"(?:(?:\s*[,、]\s*{_WORD})*\s*,?\s*(?:or|nor|或者?|和|与|以及|、)\s*{_WORD})*"
_DENIED = re.compile(
    rf"(?:{_NO}|{_NO_IN_CHINESE}){_WORD}{_AND_MORE}"
    rf"|{_WORD}[\s\"'*_]*[:=：][\s\"'*_]*(?:no|none|false|absent|0(?:\.0*)?|否|无)(?![\w.])",
    re.IGNORECASE | re.ASCII,
)
"""A word that is denied, by what goes before it ("no fear or anger", 没有恐惧) or after it ("fear: no")."""

_NAMED = re.compile(_WORD, re.IGNORECASE | re.ASCII)
_THOUGHT = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)
_ARTICLES = {"a", "an"}


def emotion_named(text: str) -> Emotion | None:
    """The class that a text names first and does not deny; None when it names none.

    An object in JSON is asked for the class it gives most to, or for what its strings name.
    """
    for start in (at for at, character in enumerate(text) if character == "{"):
        try:
            given, _ = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        return _named_in(given) or _first_named(text)
    return _first_named(text)


def _named_in(given: Mapping[str, object]) -> Emotion | None:
    scores = {
        _LABEL_OF[key.lower()]: value
        for key, value in given.items()
        if key.lower() in _LABEL_OF and isinstance(value, int | float)
    }
    if scores:
        best = max(scores, key=lambda emotion: scores[emotion])
        return best if scores[best] > 0 else None
    named = (_first_named(value) for value in given.values() if isinstance(value, str))
    return next((emotion for emotion in named if emotion), None)


def _first_named(text: str) -> Emotion | None:
    match = _NAMED.search(_DENIED.sub(" ", text))
    return _LABEL_OF[match[0].lower()] if match else None


def without_thoughts(text: str) -> str:
    """A reasoning model's answer without the thoughts before it; empty when it did not get past them."""
    return _THOUGHT.sub("", text).rpartition("</think>")[2].strip()


def from_log_probabilities(tokens: Iterable[tuple[str, float]]) -> dict[Emotion, float]:
    """Shares over the classes, from the likeliest first tokens of an answer and their natural log-probabilities.

    A token counts for the class that it names or whose name it begins; where it begins several, in equal parts.
    Classes without a token get equal parts of what none of them can exceed: the rarest token given, and what all
    tokens given leave of 1. Sums to 1; empty when no token stands for a class.
    """
    mass = dict.fromkeys(EMOTIONS, 0.0)
    seen: set[Emotion] = set()
    rarest = left = 1.0
    for token, log_probability in tokens:
        if math.isnan(log_probability):
            continue
        share = math.exp(min(0.0, log_probability))
        rarest, left = min(rarest, share), max(0.0, left - share)
        begun = _begun(token)
        seen |= begun
        for emotion in begun:
            mass[emotion] += share / len(begun)
    if not any(mass.values()):
        return {}
    for emotion in mass.keys() - seen:
        mass[emotion] = min(rarest, left) / len(EMOTIONS)
    total = sum(mass.values())
    return {emotion: share / total for emotion, share in mass.items()}


def bare(token: str) -> str:
    """The lower-case letters of a token: without the marks by which tokenizers write spaces, and punctuation."""
    return re.sub(r"^[\W_]+|[\W_]+$", "", token.strip("▁ĠĊ ")).lower()


def _begun(token: str) -> set[Emotion]:
    """The classes that a token stands for. "A" more likely begins a sentence than "angry"."""
    text = bare(token)
    if text in _LABEL_OF:
        return {_LABEL_OF[text]}
    if not text or text in _ARTICLES:
        return set()
    return {
        emotion
        for word, emotion in _LABEL_OF.items()
        if word.startswith(text) and (word == emotion or not word.isascii())
    }
