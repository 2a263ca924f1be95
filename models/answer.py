"""What a language model answered, as one of our classes: from its words, or from its log-probabilities."""

from __future__ import annotations

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
    "fear": ("fear", "fearful", "afraid", "scared", "害怕", "恐惧", "惊恐", "惧怕", "紧张害怕"),
    "disgust": ("disgust", "disgusted", "厌恶", "恶心", "反感", "讨厌"),
    "neutral": ("neutral", "calm", "中性", "平静", "中立", "平和", "无表情"),
}
"""Words by which models name the classes, in English and Chinese."""

_LABEL_OF = {word: emotion for emotion, words in WORDS.items() for word in words}
_ENGLISH = "|".join(word for word in _LABEL_OF if word.isascii())
_CHINESE = "|".join(sorted((word for word in _LABEL_OF if not word.isascii()), key=len, reverse=True))
_NAMED = re.compile(
    rf"(?P<no>\b(?:not|no|isn't|never)\s+(?:\w+\s+)?|[不没非无](?:是|有|太|很)?)?"
    rf"(?P<word>\b(?:{_ENGLISH})\b|{_CHINESE})",
    re.IGNORECASE,
)


def emotion_named(text: str) -> Emotion | None:
    """The class that a text names first and does not deny; None when it names none."""
    for match in _NAMED.finditer(text):
        if match["no"] is None:
            return _LABEL_OF[match["word"].lower()]
    return None


def from_log_probabilities(tokens: Iterable[tuple[str, float]]) -> dict[Emotion, float]:
    """Shares over the classes, from the likeliest first tokens of an answer and their natural log-probabilities.

    A token counts for the class whose English name it begins, or is begun by, when that is one class alone. Classes
    without a token share what the rarest one given has at most: they are less likely than it. Empty when no token
    stands for a class.
    """
    mass = dict.fromkeys(EMOTIONS, 0.0)
    rarest = math.inf
    for token, log_probability in tokens:
        rarest = min(rarest, math.exp(log_probability))
        text = token.strip(" \t\n\"'▁Ġ").lower()
        begun = [emotion for emotion in EMOTIONS if text and emotion.startswith(text)]
        if len(begun) == 1:
            mass[begun[0]] += math.exp(log_probability)
    if not any(mass.values()):
        return {}
    unseen = [emotion for emotion, share in mass.items() if share == 0.0]
    for emotion in unseen:
        mass[emotion] = rarest / len(EMOTIONS)
    total = sum(mass.values())
    return {emotion: share / total for emotion, share in mass.items()}
