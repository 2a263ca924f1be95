"""Proof, before the first clip, that both picture and sound reach the model of a server and are not passed over."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from models.answer import bare
from models.base import SAMPLE_RATE, EngineUnavailable, Look, Progress
from models.remote.errors import ServerFailed
from models.remote.media import mp4, parts, wav
from models.remote.server import Answer, Message, Server

WITHIN = 30.0
"""Seconds for each question; the first that a server is asked may be slow."""

FIX = """start vLLM with --limit-mm-per-prompt '{"image":0,"video":1,"audio":1}'"""
PLAIN = "Answer with one word: is there anything to see or to hear?"
SEEN = "Which colour is the picture, red or blue? Answer with one word."
HEARD = "Is there a tone or silence to be heard? Answer with one word, tone or silence."

RED, BLUE = (200, 30, 30), (30, 30, 200)


def prove(server: Server, progress: Progress) -> None:
    """Ask as many questions as it takes. Raises `EngineUnavailable` when picture or sound does not arrive, and
    `ServerFailed` when that cannot be found out."""
    picture, sound = field(RED), wav(tone())
    plain = _asked(server, PLAIN).prompt_tokens
    progress(0.4)
    seen = _asked(server, PLAIN, picture=picture).prompt_tokens
    progress(0.6)
    heard = _asked(server, PLAIN, sound=sound).prompt_tokens
    progress(0.8)
    if plain and seen and heard:
        sees, hears = seen > plain, heard > plain
    else:
        sees = _tells(server, SEEN, {"red": {"picture": picture}, "blue": {"picture": field(BLUE)}})
        progress(0.9)
        hears = _tells(server, HEARD, {"tone": {"sound": sound}, "silence": {"sound": wav(0 * tone())}})
    if not (sees and hears):
        lost = "neither picture nor sound reaches" if sees == hears else _one_lost(sees)
        raise EngineUnavailable(f"{lost} the model {server.model} of {server}: {FIX}", "no_media")


def field(colour: tuple[int, int, int]) -> bytes:
    """An MP4 of two seconds of one colour (red, green, blue of 255)."""
    rgb = np.full((224, 224, 3), colour, dtype=np.uint8)
    return mp4([Look(time=float(at), rgb=rgb) for at in range(3)])


def tone() -> NDArray[np.float32]:
    """A second of 440 Hz."""
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    return (0.5 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)


def _one_lost(sees: bool) -> str:
    return "the sound does not reach" if sees else "the picture does not reach"


def _asked(
    server: Server,
    text: str,
    *,
    picture: bytes | None = None,
    sound: bytes | None = None,
    choice: Sequence[str] = (),
) -> Answer:
    """The answer. A server that refuses what a question carries is told how to take it: `EngineUnavailable`."""
    message: Message = {"role": "user", "content": parts(picture, sound, text)}
    try:
        return server.ask([message], most_tokens=16, until=monotonic() + WITHIN, choice=choice)
    except ServerFailed as error:
        if not error.refused or (picture is None and sound is None):
            raise
        raise EngineUnavailable(
            f"{_one_lost(picture is None)} the model: {error}; {FIX}", "no_media"
        ) from error


def _tells(server: Server, text: str, media: dict[str, dict[str, bytes]]) -> bool:
    """Whether each of some media is told by its name: who always says the same fails."""
    answers = {name: _asked(server, text, **given, choice=list(media)) for name, given in media.items()}
    return all(bare(answer.text) == name for name, answer in answers.items())
