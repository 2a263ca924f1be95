"""What the windows of a file say together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from models.base import EMOTIONS, Emotion, EmotionResult, UnknownReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The windows' probabilities averaged over their seconds; `unknown` with the commonest reason if no window could
    be read. Where classes were named without probabilities, the one named for longest, and no confidence.

    `readable_s` of the `duration_s` seconds could be read; the analysis took `total_ms`.
    """

    emotion: Emotion | Literal["unknown"]
    reason: UnknownReason | None
    probabilities: Mapping[Emotion, float]
    confidence: float | None
    duration_s: float
    readable_s: float
    total_ms: float


def summarize(results: Sequence[EmotionResult]) -> Summary:
    """The summary of a file's windows, at least one."""
    readable = [result for result in results if result.emotion != "unknown"]
    probabilities = _average([result for result in readable if result.probabilities])
    likeliest = _largest(probabilities) if probabilities else _named_longest(readable) if readable else None
    return Summary(
        emotion=likeliest or "unknown",
        reason=None if readable else Counter(result.reason for result in results).most_common(1)[0][0],
        probabilities=probabilities,
        confidence=max(probabilities.values(), default=None),
        duration_s=sum(_seconds(result) for result in results),
        readable_s=sum(_seconds(result) for result in readable),
        total_ms=sum(result.latency.total for result in results),
    )


def _average(results: Sequence[EmotionResult]) -> dict[Emotion, float]:
    if not results:
        return {}
    total = sum(_seconds(result) for result in results)
    # A still picture has no length; then all count alike.
    weights = [_seconds(result) / total if total else 1 / len(results) for result in results]
    return {
        emotion: sum(
            result.probabilities[emotion] * weight for result, weight in zip(results, weights, strict=True)
        )
        for emotion in EMOTIONS
    }


def _named_longest(results: Sequence[EmotionResult]) -> Emotion:
    seconds = dict.fromkeys(EMOTIONS, 0.0)
    for result in results:
        if result.emotion != "unknown":
            seconds[result.emotion] += max(_seconds(result), 1e-3)
    return _largest(seconds)


def _largest(shares: Mapping[Emotion, float]) -> Emotion:
    return max(EMOTIONS, key=lambda emotion: shares[emotion])


def _seconds(result: EmotionResult) -> float:
    return result.window_end - result.window_start
