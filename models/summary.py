"""What the windows of a file say together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from models.base import EMOTIONS, Emotion, EmotionResult, UnknownReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The windows' probabilities averaged over their seconds; `unknown` with the commonest reason if no window
    could be read. `readable_s` of the `duration_s` seconds were; the analysis took `total_ms`."""

    emotion: Emotion | Literal["unknown"]
    reason: UnknownReason | None
    probabilities: Mapping[Emotion, float]
    duration_s: float
    readable_s: float
    total_ms: float


def summarize(results: Sequence[EmotionResult]) -> Summary:
    """The summary of a file's windows, at least one."""
    seconds = [(result, result.window_end - result.window_start) for result in results]
    readable = [(result, length) for result, length in seconds if result.probabilities]
    total = sum(length for _, length in readable)
    probabilities: dict[Emotion, float] = {}
    if readable:
        weights = [(result, length / total if total else 1 / len(readable)) for result, length in readable]
        probabilities = {
            emotion: sum(result.probabilities[emotion] * share for result, share in weights)
            for emotion in EMOTIONS
        }
    likeliest = max(probabilities, key=probabilities.__getitem__, default=None)
    reasons = Counter(result.reason for result in results)
    return Summary(
        emotion=likeliest or "unknown",
        reason=None if probabilities else reasons.most_common(1)[0][0],
        probabilities=probabilities,
        duration_s=sum(length for _, length in seconds),
        readable_s=total,
        total_ms=sum(result.latency.total for result in results),
    )
