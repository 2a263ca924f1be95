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
    quota: bool = False
    """Nothing is left of the account's."""
    models: Sequence[str] | None = (MODEL,)
    """None for a server that does not list them and takes any."""

    # Of streamed answers:
    pace: float = 0.0
    """Seconds between tokens."""
    tokens: int | None = None
    """How many an answer has; what is to be said is said again until there are so many."""
    stamps: bool = False
    """Each token is the moment at which it is written, by `time.monotonic`."""
    stalls_after: int | None = None
    cuts_after: int | None = None
    """After so many tokens the connection is dropped."""
    error_after: int | None = None
    """After so many tokens an error takes the place of a chunk."""
    ends_after: int | None = None
    """After so many tokens the stream ends as if all had been said, without a reason."""
    finish: Literal["stop", "length", "content_filter"] = "stop"
    empty: bool = False
    reasons: bool = False
    """Thoughts come in a field of their own."""
    done: bool = True
    """Whether `[DONE]` ends a stream."""
    refuses_stream_options: bool = False
    refuses_two_systems: bool = False
    """As chat templates do that want one system message, at the beginning."""
    context_length: int | None = None
    """Tokens of a conversation that are taken."""
