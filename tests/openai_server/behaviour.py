"""In which ways a server differs from one that does all it should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

MODEL = "stand-in-omni"


@dataclass(slots=True)
class Behaviour:
    """May be changed while the server runs."""

    deaf: bool = False
    """Sound is taken and not looked at."""
    blind: bool = False
    """Pictures are taken and not looked at."""
    refuses: Sequence[Literal["video", "audio"]] = ()
    usage: bool = True
    logprobs: Literal["given", "missing", "refused"] = "given"
    most_logprobs: int = 20
    structured_outputs: Literal["obeyed", "ignored", "refused"] = "obeyed"
    answers: Literal["en", "zh"] = "en"
    thinks: bool = False
    """Thoughts come before an answer."""
    says: str | None = None
    """The answer to every question without `structured_outputs`, of a model that does not do as it is told."""
    delay: float = 0.0
    """Seconds before an answer."""
    fails: Sequence[int | Literal["drop"]] = ()
    """How the next requests end: an HTTP status or a dropped connection, each once."""
    retry_after: str | None = None
    """Header of those failures."""
    key: str | None = None
    models: Sequence[str] = (MODEL,)
