"""A refusal of an OpenAI-compatible server: what it says, and when asking again may help."""

from __future__ import annotations

import math
import random

import openai

from models.scalars import scalars

ATTEMPTS = 3
FIRST_PAUSE = 0.5
"""Seconds before the second attempt, on average; twice that before the third."""

LONGEST_WORDS = 240
"""Characters of what a server says that are passed on."""

UNREACHED = "cannot be reached: "
"""What goes before most causes of there being no connection."""


def pause_before(attempt: int) -> float:
    """Seconds before another attempt, this many having been made; they differ by chance so that those who failed
    together do not return together."""
    return FIRST_PAUSE * 2.0 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - no secret


def may_pass(status: int) -> bool:
    """Whether what a server answered may be otherwise in a moment."""
    return status in {408, 409, 425, 429} or status >= 500


def asked_pause(error: openai.APIStatusError) -> float:
    """Seconds for which a server wants to be left alone (RFC 9110, 10.2.3): 0 where it does not say, infinite for
    what is no time at all. A date counts as not said: its clock is not ours."""
    try:
        asked = float(error.response.headers.get("retry-after", 0))
    except ValueError:
        return 0.0
    return max(asked, 0.0) if math.isfinite(asked) else math.inf


def message_of(error: openai.APIStatusError) -> str:
    """What the server says, in the shape of OpenAI's errors, of vLLM's older ones, or in none."""
    body = error.body
    if isinstance(body, dict):
        return str(body.get("message") or body.get("detail") or body)
    return error.response.text or error.response.reason_phrase


def one_line(text: str, key: str = "") -> str:
    """A line that may be shown: of no more than `LONGEST_WORDS`, and without the key."""
    # The key goes first: a cut would leave a part of it.
    line = scalars(" ".join((text.replace(key, "…") if key else text).split()))
    return line if len(line) <= LONGEST_WORDS else f"{line[:LONGEST_WORDS]}…"


def is_key(text: str) -> bool:
    """Whether a text can be sent as a key."""
    return text.isascii() and text.isprintable()


def cause_of(error: openai.APIConnectionError) -> str:
    """Why there was no connection, to be put after the server's name."""
    cause = str(error.__cause__ or error)
    return "refused the connection: does it run?" if "refused" in cause else f"{UNREACHED}{cause}"
