"""The mood: what a language model may be told of the expressions seen in the last minute, hedged and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from models.base import Emotion, EmotionResult, Language, UnknownReason
from models.meaning import describe_face

SPAN = 60.0
"""Seconds that are told of."""

LATEST = 15.0
"""Seconds after which the newest expression is too old to be called the newest."""

MOST_NAMED = 3
"""Expressions that are named; rarer ones are left out."""

RARE = 0.05
"""Share of the time below which an expression is left out."""

MOST_WINDOWS = 600
"""Windows that are kept at most; the oldest leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    emotions: Mapping[Emotion, str]
    caution: str
    seen: str
    share: str
    unknown: str
    nothing: str
    newest: str
    second: str
    seconds: str
    just_now: str
    ago: str
    join: str


_WORDS: Mapping[Language, _Words] = {
    "en": _Words(
        emotions={
            "happy": "happy",
            "sad": "sad",
            "angry": "angry",
            "surprise": "surprised",
            "fear": "fearful",
            "disgust": "disgusted",
            "neutral": "neutral",
        },
        caution="A guess, not a fact: this is what a program made of the person's face and voice. It is often wrong, "
        "and an expression is not a feeling.",
        seen="Expressions likely seen in the last {span}: {shares}.",
        share="{emotion} {share:.0%} of the time (probability {probability:.2f})",
        unknown="unknown {share:.0%} of the time ({reason})",
        nothing="In the last {span} no expression could be told ({reason}).",
        newest="The newest, {ago}: {emotion} (probability {probability:.2f}).",
        second="second",
        seconds="{seconds:.0f} seconds",
        just_now="just now",
        ago="{span} ago",
        join=", ",
    ),
    "zh": _Words(
        emotions={
            "happy": "开心",
            "sad": "悲伤",
            "angry": "生气",
            "surprise": "惊讶",
            "fear": "害怕",
            "disgust": "厌恶",
            "neutral": "平静",
        },
        caution="这只是猜测，不是事实：由程序根据此人的面部和声音得出，经常出错；表情也不等于感受。",
        seen="最近{span}内可能看到的表情：{shares}。",
        share="{emotion}占 {share:.0%} 的时间（概率 {probability:.2f}）",
        unknown="{share:.0%} 的时间无法判断（{reason}）",
        nothing="最近{span}内无法判断表情（{reason}）。",
        newest="最新的，{ago}：{emotion}（概率 {probability:.2f}）。",
        second=" 1 秒",
        seconds=" {seconds:.0f} 秒",
        just_now="刚才",
        ago="{span}前",
        join="，",
    ),
}


class Mood:
    """Keeps the answers of the last minute, the best of each window. Times are session seconds."""

    def __init__(self) -> None:
        self._windows: dict[float, EmotionResult] = {}

    def see(self, result: EmotionResult) -> None:
        """Take an answer in. A first word gives way to the considered one of the same window, never the other way."""
        known = self._windows.get(result.window_end)
        if known is not None and result.provisional and not known.provisional:
            return
        self._windows[result.window_end] = result
        oldest = max(self._windows) - SPAN
        for end in [end for end in self._windows if end <= oldest]:
            del self._windows[end]
        while len(self._windows) > MOST_WINDOWS:
            del self._windows[min(self._windows)]

    def forget(self) -> None:
        """Drop all that was seen."""
        self._windows.clear()

    def told(self, now: float, language: Language) -> str | None:
        """What was seen in the last minute, in a few sentences; None where nothing was looked at."""
        recent = sorted(
            (result for end, result in self._windows.items() if now - SPAN < end),
            key=lambda result: result.window_end,
        )
        if not recent:
            return None
        words = _WORDS[language]
        span = _span(min(SPAN, now - recent[0].window_start), words)
        named = [result for result in recent if result.emotion != "unknown"]
        if not named:
            lines = [words.nothing.format(span=span, reason=_why(recent, language))]
        else:
            shares = words.join.join(_shares(recent, words, language))
            lines = [words.seen.format(span=span, shares=shares), *_newest(named[-1], now, words)]
        return ("" if language == "zh" else " ").join([*lines, words.caution])


def _shares(recent: list[EmotionResult], words: _Words, language: Language) -> list[str]:
    """The time that each expression was the likeliest, the longest first, then the time that none could be told."""
    counted = Counter(result.emotion for result in recent)
    unknown = counted.pop("unknown", 0)
    said = []
    for emotion, count in counted.most_common(MOST_NAMED):
        share = count / len(recent)
        if share < RARE or emotion == "unknown":
            continue
        probability = _probability([result for result in recent if result.emotion == emotion])
        said.append(_with(words.share, probability, emotion=words.emotions[emotion], share=share))
    if unknown:
        said.append(words.unknown.format(share=unknown / len(recent), reason=_why(recent, language)))
    return said


def _newest(result: EmotionResult, now: float, words: _Words) -> list[str]:
    ago = max(0.0, now - result.window_end)
    if ago > LATEST or result.emotion == "unknown":
        return []
    told = words.just_now if ago < 1.5 else words.ago.format(span=_span(ago, words))
    return [_with(words.newest, result.confidence, emotion=words.emotions[result.emotion], ago=told)]


def _span(seconds: float, words: _Words) -> str:
    return words.second if seconds < 1.5 else words.seconds.format(seconds=seconds)


def _with(template: str, probability: float | None, **values: object) -> str:
    """The words, without the part on the probability where an engine gave none."""
    if probability is None:
        for left_out in (" (probability {probability:.2f})", "（概率 {probability:.2f}）"):
            template = template.replace(left_out, "")
    return template.format(probability=probability, **values)


def _probability(results: list[EmotionResult]) -> float | None:
    known = [result.confidence for result in results if result.confidence is not None]
    return sum(known) / len(known) if known else None


def _why(recent: list[EmotionResult], language: Language) -> str:
    """The commonest reason for `unknown`."""
    reasons: Counter[UnknownReason] = Counter(
        result.reason for result in recent if result.emotion == "unknown" and result.reason is not None
    )
    return describe_face(None, reasons.most_common(1)[0][0] if reasons else None, None, language)
