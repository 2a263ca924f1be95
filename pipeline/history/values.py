"""What a record says, in words and figures that every database takes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping


def text(value: str) -> str:
    """Without NUL, which PostgreSQL refuses, and with U+FFFD for halves of surrogate pairs, which are no text."""
    value = value.replace("\x00", "")
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def optional_text(value: str | None) -> str | None:
    """The same for what may be missing."""
    return None if value is None else text(value)


def number(value: float | None) -> float | None:
    """None for infinity and for what is not a number: JSON knows neither."""
    return None if value is None or not math.isfinite(value) else float(value)


def whole(value: int | None) -> int | None:
    """Raises `ValueError` and `TypeError` for what is no number: SQLite would take it."""
    return None if value is None else int(value)


def figures(values: Mapping[str, float]) -> str:
    """JSON of those that are finite."""
    return json.dumps({text(name): float(value) for name, value in values.items() if math.isfinite(value)})
