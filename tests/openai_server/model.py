"""What the server answers: it measures the picture's colour and the sound's loudness, and prefers those words of a
question, or of `structured_outputs.choice`, that go with them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tests.openai_server.behaviour import Behaviour
from tests.openai_server.schema import AudioPart, ChatRequest, VideoPart

TOKENS_A_FRAME = 64
TOKENS_A_SECOND = 25
FILLERS = ("The", "A", "I", "It", "Based", "This", "In", "Sure", "\n", "**", "Looking", "Hmm")
"""What a model might also have begun its answer with, from likely to unlikely."""

CHINESE = {
    "happy": "开心",
    "sad": "悲伤",
    "angry": "愤怒",
    "surprise": "惊讶",
    "fear": "恐惧",
    "disgust": "厌恶",
    "neutral": "平静",
}


def completion(request: ChatRequest, behaviour: Behaviour) -> dict[str, Any]:
    """The body of an answer."""
    perceived = perceive(request, behaviour)
    likely = preferences(request, perceived, behaviour)
    text = next(iter(likely), None)
    if text is None:
        chinese = behaviour.answers == "zh" or re.search("[一-龥]", request.question)
        text = sentence(perceived, "zh" if chinese else "en")
    if behaviour.thinks:
        text = f"<think>happy, or sad? The question is: {request.question}</think>\n\n{text}"
    choice: dict[str, Any] = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
        "logprobs": None,
    }
    if request.logprobs and behaviour.logprobs == "given":
        choice["logprobs"] = {"content": places(text, likely, request.top_logprobs)}
    body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": request.model}
    usage = {
        "prompt_tokens": perceived.tokens,
        "completion_tokens": 1,
        "total_tokens": perceived.tokens + 1,
    }
    return {**body, "choices": [choice], "usage": usage if behaviour.usage else None}


@dataclass(frozen=True, slots=True)
class Perceived:
    """What reaches the model: means of the colours, and the sound's loudness, in [0, 1]."""

    red: float = 0.5
    green: float = 0.5
    blue: float = 0.5
    loud: float = 0.0
    tokens: int = 0

    @property
    def bright(self) -> float:
        return (self.red + self.green + self.blue) / 3

    @property
    def grey(self) -> float:
        return 1 - (max(self.red, self.green, self.blue) - min(self.red, self.green, self.blue))


def perceive(request: ChatRequest, behaviour: Behaviour) -> Perceived:
    """Look and listen."""
    tokens = sum(len(message.text) for message in request.messages) // 4
    colours, loud = (0.5, 0.5, 0.5), 0.0
    if (video := request.media(VideoPart)) and not behaviour.blind:
        frames = video.frames()
        colours = tuple(float(mean) / 255 for mean in frames.mean(axis=(0, 1, 2)))
        tokens += TOKENS_A_FRAME * len(frames)
    if (audio := request.media(AudioPart)) and not behaviour.deaf:
        samples = audio.samples()
        loud = min(1.0, 2 * float(np.sqrt(np.mean(samples**2))))
        tokens += math.ceil(TOKENS_A_SECOND * len(samples) / 16000)
    return Perceived(*colours, loud, tokens)


def attraction(word: str, seen: Perceived) -> float | None:
    """How well a word goes with what is perceived; None for a word that the model does not know."""
    known = {
        "happy": seen.red + seen.green - 2 * seen.blue,
        "sad": seen.blue - seen.red - seen.loud / 2,
        "angry": seen.red - seen.green + seen.loud / 2,
        "surprise": seen.bright + seen.loud - 1,
        "fear": seen.loud - seen.bright,
        "disgust": seen.green - seen.red,
        "neutral": seen.grey - seen.loud - 0.6,
        "red": seen.red - seen.blue,
        "blue": seen.blue - seen.red,
        "tone": seen.loud - 0.1,
        "silence": 0.1 - seen.loud,
    }
    return known.get(word)


def preferences(request: ChatRequest, perceived: Perceived, behaviour: Behaviour) -> dict[str, float]:
    """Words to answer with and their probabilities, the likeliest first; none for a question that offers none."""
    if behaviour.says is not None and request.structured_outputs is None:
        return {behaviour.says: 1.0}
    held = request.structured_outputs is not None and behaviour.structured_outputs == "obeyed"
    offered = request.structured_outputs.choice if held else re.findall(r"[a-z]+", request.question.lower())
    scores = {word: attraction(word, perceived) for word in offered}
    pulls = {word: math.exp(5 * score) for word, score in scores.items() if score is not None}
    if held and not pulls:
        return dict.fromkeys(offered, 1 / len(offered))
    told = {
        CHINESE.get(word, word) if behaviour.answers == "zh" and not held else word: pull
        for word, pull in pulls.items()
    }
    return {word: told[word] / sum(told.values()) for word in sorted(told, key=told.get, reverse=True)}


def sentence(perceived: Perceived, language: Literal["en", "zh"]) -> str:
    """What a question that offers no words is answered with: what was seen and heard."""
    colours = {"red": perceived.red, "green": perceived.green, "blue": perceived.blue}
    colour = max(colours, key=colours.get) if perceived.grey < 0.9 else "grey"
    if language == "zh":
        names = {"red": "红", "green": "绿", "blue": "蓝", "grey": "灰"}
        return f"画面偏{names[colour]}色，声音{'响亮' if perceived.loud > 0.1 else '安静'}。"
    return f"The picture is mostly {colour} and the sound is {'loud' if perceived.loud > 0.1 else 'quiet'}."


def places(text: str, likely: Mapping[str, float], count: int) -> list[dict[str, Any]]:
    """Log-probabilities for each token of an answer; of the last, the answer itself, the likeliest others too."""
    *before, last = (re.findall(r"<think>|</think>\s*|[^<\s]+\s*", text) if likely else []) or [text]
    shares = {word: 0.95 * share for word, share in likely.items()} or {last: 1.0}
    shares |= {filler: 0.025 / 2**at for at, filler in enumerate(FILLERS)}
    ranked = sorted(shares, key=shares.get, reverse=True)[:count]
    top = [{"token": word, "logprob": math.log(max(shares[word], 1e-300))} for word in ranked]
    spoken = {"token": last, "logprob": math.log(shares.get(last, 1.0)), "top_logprobs": top}
    return [*({"token": token, "logprob": 0.0, "top_logprobs": []} for token in before), spoken]
