"""What the language models are asked, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from models.base import EMOTIONS, Language

SYSTEM: Mapping[Language, str] = {
    "en": (
        "You watch and listen to a short clip of one person in a video call and name the expression that is seen "
        "and heard. You describe only what shows; you do not guess who it is or what they feel inside. Never name or "
        "hint at identity, age, gender, ethnicity or health."
    ),
    "zh": (
        "你观看并聆听视频通话中一个人的一小段录像，说出所看到和听到的表情。"
        "你只描述表现出来的样子，不猜测这个人是谁，也不猜测其内心感受。"
        "绝不提及或暗示身份、年龄、性别、种族或健康状况。"
    ),
}

_NAMES = ", ".join(EMOTIONS)

LABEL: Mapping[Language, str] = {
    "en": (
        "Which one expression does the person most likely show? Consider the face, the voice and the words. "
        f"Answer with one word of: {_NAMES}."
    ),
    "zh": f"此人最可能表现出哪一种表情？请结合面部、声音和话语。只用以下一个英文单词回答：{_NAMES}。",
}
"""Asks for one of our classes, in English: what the log-probabilities are taken of."""

DESCRIPTION: Mapping[Language, str] = {
    "en": "In one short sentence, say what in the face and the voice shows this expression.",
    "zh": "用一句简短的中文说明面部和声音中的哪些表现体现了这种表情。",
}
"""Asks for the description; a caller's own prompt goes in its place. What `SYSTEM` forbids holds for either."""
