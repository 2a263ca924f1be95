"""A result in a few words: what can be seen and heard, never who it is or how they feel."""

from __future__ import annotations

from models.base import Emotion, UnknownReason

FACES: dict[Emotion, str] = {
    "happy": "smiling",
    "sad": "a downcast look",
    "angry": "a frown",
    "surprise": "a look of surprise",
    "fear": "a startled look",
    "disgust": "a wrinkled nose",
    "neutral": "a face at rest",
}

REASONS: dict[UnknownReason, str] = {
    "no_video": "no picture to read",
    "no_face": "no face in view",
    "face_too_small": "the face is too far away to read",
    "too_dark": "too dark to read a face",
    "turned_away": "the face is turned away",
}

SURE = 0.6
MARKED = 0.35
"""Arousal from which, up or down, a voice is more than ordinary."""


def describe(
    emotion: Emotion | None, reason: UnknownReason | None, confidence: float, arousal: float | None
) -> str:
    """One short sentence about a window, without a full stop: "likely smiling, lively voice"."""
    if emotion is None:
        face = REASONS[reason or "no_face"]
    else:
        face = f"{'likely' if confidence >= SURE else 'perhaps'} {FACES[emotion]}"
    return f"{face}, {_voice(arousal)}"


def _voice(arousal: float | None) -> str:
    if arousal is None:
        return "no voice heard"
    if arousal > MARKED:
        return "lively voice"
    return "subdued voice" if arousal < -MARKED else "even voice"
