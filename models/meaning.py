"""What an answer means, for all engines alike: its valence, and a few words on what can be seen and heard.

Never who it is or how they feel: the words speak of an expression that was likely seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.base import Emotion, Language, UnknownReason

VALENCES: Mapping[Emotion, float] = {
    "happy": 0.9,
    "surprise": 0.1,
    "neutral": 0.0,
    "sad": -0.7,
    "fear": -0.7,
    "angry": -0.7,
    "disgust": -0.7,
}
"""Where each expression stands between unpleasant and pleasant. Round numbers in the order of Russell's
circumplex (1980); only their signs should be relied on."""

SURE = 0.6
"""Confidence from which an expression is called likely."""

MARKED = 0.35
"""Arousal from which, up or down, a voice is more than ordinary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    faces: Mapping[Emotion, str]
    reasons: Mapping[UnknownReason, str]
    sounds: Mapping[Emotion, str]
    likely: str
    perhaps: str
    seen: str
    heard: str
    voices: tuple[str, str, str, str]
    """None heard, lively, even, subdued."""
    join: str
    picture_alone: str


_WORDS: Mapping[Language, _Words] = {
    "en": _Words(
        faces={
            "happy": "smiling",
            "sad": "a downcast look",
            "angry": "a frown",
            "surprise": "a look of surprise",
            "fear": "a startled look",
            "disgust": "a wrinkled nose",
            "neutral": "a face at rest",
        },
        reasons={
            "no_video": "no picture to read",
            "no_face": "no face in view",
            "face_too_small": "the face is too far away to read",
            "too_dark": "too dark to read a face",
            "turned_away": "the face is turned away",
            "blurred": "the face is blurred",
        },
        sounds={
            "happy": "a cheerful tone",
            "sad": "a downcast tone",
            "angry": "a sharp tone",
            "surprise": "a tone of surprise",
            "fear": "an anxious tone",
            "disgust": "a tone of distaste",
            "neutral": "an even tone",
        },
        likely="likely {}",
        perhaps="perhaps {}",
        seen="{}",
        heard="{}",
        voices=("no voice heard", "lively voice", "even voice", "subdued voice"),
        join=", ",
        picture_alone="from the picture alone, so not to be relied on",
    ),
    "zh": _Words(
        faces={
            "happy": "在微笑",
            "sad": "神情低落",
            "angry": "皱着眉头",
            "surprise": "面露惊讶",
            "fear": "神色惊恐",
            "disgust": "皱着鼻子",
            "neutral": "表情平静",
        },
        reasons={
            "no_video": "没有可看的画面",
            "no_face": "画面中没有人脸",
            "face_too_small": "人脸太远，无法辨认",
            "too_dark": "光线太暗，无法辨认",
            "turned_away": "脸转向了一边",
            "blurred": "人脸模糊",
        },
        sounds={
            "happy": "语气欢快",
            "sad": "语气低落",
            "angry": "语气尖锐",
            "surprise": "语气惊讶",
            "fear": "语气不安",
            "disgust": "语气嫌恶",
            "neutral": "语气平静",
        },
        likely="很可能{}",
        perhaps="也许{}",
        seen="看起来{}",
        heard="听起来{}",
        voices=("没有听到说话声", "声音有活力", "声音平稳", "声音低沉"),
        join="，",
        picture_alone="仅凭画面判断，不足为据",
    ),
}


def valence(probabilities: Mapping[Emotion, float]) -> float | None:
    """In [-1, 1], expected over the classes; None without probabilities."""
    if not probabilities:
        return None
    return sum(share * VALENCES[emotion] for emotion, share in probabilities.items())


def describe_face(
    emotion: Emotion | None, reason: UnknownReason | None, confidence: float | None, language: Language
) -> str:
    """What was likely seen, or why nothing was, in a few words: "likely smiling"."""
    words = _WORDS[language]
    if emotion is None:
        return words.reasons[reason or "no_face"]
    hedge = words.likely if confidence is not None and confidence >= SURE else words.perhaps
    return words.seen.format(hedge.format(words.faces[emotion]))


def describe_shown(
    emotion: Emotion | None,
    reason: UnknownReason | None,
    confidence: float | None,
    language: Language,
    *,
    seen: bool,
) -> str:
    """What was likely seen or, where there was nothing to see, heard, in a few words."""
    if seen or emotion is None:
        return describe_face(emotion, reason, confidence, language)
    return describe_sound(emotion, confidence, language)


def describe_sound(emotion: Emotion, confidence: float | None, language: Language) -> str:
    """What was likely heard, in a few words: "likely a cheerful tone"."""
    words = _WORDS[language]
    hedge = words.likely if confidence is not None and confidence >= SURE else words.perhaps
    return words.heard.format(hedge.format(words.sounds[emotion]))


def describe(
    emotion: Emotion | None,
    reason: UnknownReason | None,
    confidence: float | None,
    arousal: float | None,
    language: Language = "en",
) -> str:
    """One short sentence about a window, without a full stop: "likely smiling, lively voice"."""
    words = _WORDS[language]
    return words.join.join([describe_face(emotion, reason, confidence, language), _voice(arousal, words)])


def with_caution(description: str, language: Language) -> str:
    """A description that says that it rests on the picture alone: there, language models are close to guessing."""
    words = _WORDS[language]
    return words.join.join([description.rstrip(".。 "), words.picture_alone])


def _voice(arousal: float | None, words: _Words) -> str:
    none, lively, even, subdued = words.voices
    if arousal is None:
        return none
    if arousal > MARKED:
        return lively
    return subdued if arousal < -MARKED else even
