"""The engine that asks a model elsewhere: once for the expression, once for what shows it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from time import monotonic, perf_counter
from typing import TYPE_CHECKING

from models.answer import emotion_named, from_log_probabilities
from models.base import (
    EMOTIONS,
    DecodedClip,
    Emotion,
    EmotionResult,
    EngineFailed,
    EngineUnavailable,
    Language,
    Latency,
    Progress,
    Question,
)
from models.catalog import RemoteConfig
from models.meaning import describe_face, valence, with_caution
from models.prompt import DESCRIPTION, LABEL, SYSTEM
from models.remote.errors import ServerFailed
from models.remote.media import parts, picture_of, sound_of
from models.scalars import scalars

if TYPE_CHECKING:
    from models.remote.server import Answer, Message, Server

WITHIN = 13.0
"""Seconds from a clip's decoding to its answer, below the deadline by what encoding and the pipe may take."""

DESCRIBED_WITHIN = 1.0
"""Seconds that must be left for the description to be asked for."""

LABEL_TOKENS = 16
DESCRIPTION_TOKENS = 80
LISTED = 5
"""Models that are named when the one asked for is not there."""


class RemoteEngine:
    """A model on an OpenAI-compatible server. Implements `models.base.Engine`; keeps nothing of a session."""

    name = "remote"
    parallel = 4
    deadline = 15.0
    interval = 1.0

    def __init__(self, config: RemoteConfig) -> None:
        self._config = config
        self._server: Server | None = None

    def load(self, progress: Progress) -> None:
        """Choose the model and prove that it sees and hears. Raises `EngineUnavailable`."""
        if self._config.base_url is None:
            raise EngineUnavailable(
                "REMOTE_BASE_URL is not set: name a server such as http://127.0.0.1:8000/v1",
                "not_set_up",
            )
        try:
            from models.remote import probe
            from models.remote.server import Server
        except ModuleNotFoundError as error:
            raise EngineUnavailable(
                f"{error.name} is not installed: make install-models", "not_installed"
            ) from error
        try:
            server = Server(self._config.base_url, self._config.api_key)
            server.model = _chosen(server.models(monotonic() + probe.WITHIN), self._config.model, str(server))
            progress(0.2)
            probe.prove(server, progress)
        except ServerFailed as error:
            raise EngineUnavailable(str(error), error.code) from error
        self._server = server

    def wanted(self, session_id: str, times: Sequence[float]) -> Sequence[float]:
        """All: the server remembers nothing."""
        return times

    def heard_until(self, session_id: str) -> float:
        """Nothing is known."""
        return -math.inf

    def forget(self, session_id: str) -> None:
        """There is nothing to drop."""

    def analyze(self, clip: DecodedClip, question: Question, *, decode_ms: float) -> EmotionResult:
        """Answer for a window: `unknown` when it has no picture, for then no expression was seen.

        Raises `EngineFailed` when the server does not answer in time or names no class, and `EngineUnavailable` when
        not loaded.
        """
        if self._server is None:
            raise EngineUnavailable("the remote engine was not loaded", "unloaded")
        began, until = perf_counter(), monotonic() + WITHIN - decode_ms / 1000
        picture, sound = picture_of(clip), sound_of(clip)
        encoded = perf_counter()
        emotion, shares, description = None, dict[Emotion, float](), None
        if picture is not None:
            messages = _messages(picture, sound, question.language)
            emotion, shares = _understood(_label(self._server, messages, until), self._server.model)
            description = _description(self._server, messages, emotion, question, until)
        ended = perf_counter()
        return EmotionResult(
            emotion=emotion or "unknown",
            reason=None if emotion else "no_video",
            probabilities=shares,
            confidence=shares.get(emotion) if emotion else 0.0,
            valence=valence(shares),
            arousal=None,
            description=_worded(emotion, shares, description, question.language, heard=sound is not None),
            window_start=clip.start,
            window_end=clip.end,
            engine=self.name,
            latency=Latency(
                decode=decode_ms,
                features=(encoded - began) * 1000,
                inference=(ended - encoded) * 1000,
                total=decode_ms + (ended - began) * 1000,
            ),
        )


def _label(server: Server, messages: Sequence[Message], until: float) -> Answer:
    try:
        return server.ask(messages, most_tokens=LABEL_TOKENS, until=until, choice=EMOTIONS)
    except ServerFailed as error:
        raise EngineFailed(str(error), error.code) from error


def _chosen(listed: Sequence[str], asked_for: str | None, server: str) -> str:
    if asked_for is not None and asked_for in listed:
        return asked_for
    if asked_for is None and listed:
        return listed[0]
    there = ", ".join(listed[:LISTED]) + (f" and {len(listed) - LISTED} more" if len(listed) > LISTED else "")
    wanted = "no model" if asked_for is None else f"no model {asked_for}"
    raise EngineUnavailable(
        f"{server} has {wanted}; it has {there or 'none at all'}: set REMOTE_MODEL", "no_model"
    )


def _messages(picture: bytes, sound: bytes | None, language: Language) -> list[Message]:
    return [
        {"role": "system", "content": SYSTEM[language]},
        {"role": "user", "content": parts(picture, sound, LABEL[language])},
    ]


def _understood(answer: Answer, model: str) -> tuple[Emotion, dict[Emotion, float]]:
    """The class that an answer names, and the shares of all where its log-probabilities bear that out."""
    emotion = emotion_named(answer.text)
    if emotion is None:
        said = f"it said: {answer.text[:80]!r}" if answer.text else "it said nothing"
        raise EngineFailed(f"{model} named no expression; {said}")
    shares = from_log_probabilities(answer.tokens)
    return emotion, shares if shares and shares[emotion] == max(shares.values()) else {}


def _description(
    server: Server, messages: Sequence[Message], emotion: Emotion, question: Question, until: float
) -> str | None:
    """What shows the expression, or the answer to a caller's own prompt; None when there is no time or answer."""
    if until - monotonic() < DESCRIBED_WITHIN:
        return None
    asked: list[Message] = [
        *messages,
        {"role": "assistant", "content": emotion},
        {"role": "user", "content": question.prompt or DESCRIPTION[question.language]},
    ]
    try:
        answer = server.ask(asked, most_tokens=DESCRIPTION_TOKENS, until=until)
    except ServerFailed:
        return None
    return scalars(" ".join(answer.text.split())) or None


def _worded(
    emotion: Emotion | None,
    shares: Mapping[Emotion, float],
    description: str | None,
    language: Language,
    *,
    heard: bool,
) -> str:
    """The model's description or one of ours, with the caution that is due."""
    if emotion is None:
        return describe_face(None, "no_video", None, language)
    words = description or describe_face(emotion, None, shares.get(emotion), language)
    return words if heard else with_caution(words, language)
