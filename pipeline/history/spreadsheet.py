"""The labels of a session as CSV (RFC 4180), one a row, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

from models.base import EMOTIONS
from pipeline.history.views import Label

HEADER = (
    "at_epoch_s",
    "at",
    "window_start_s",
    "window_end_s",
    "emotion",
    "confidence",
    "valence",
    "arousal",
    *(f"p_{emotion}" for emotion in EMOTIONS),
    "reason",
    "description",
    "engine",
    "fallback_reason",
    "provisional",
    "video_name",
    "latency_ms",
)

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes a cell for a formula by; see OWASP, CSV injection."""


def spreadsheet(labels: Iterable[Label]) -> bytes:
    """CSV in UTF-8 with a header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for label in labels:
        writer.writerow(
            [
                label.at,
                iso(label.at),
                label.window_start,
                label.window_end,
                _cell(label.emotion),
                label.confidence,
                label.valence,
                label.arousal,
                *(label.probabilities.get(emotion) for emotion in EMOTIONS),
                _cell(label.reason),
                _cell(label.description),
                _cell(label.engine),
                _cell(label.fallback_reason),
                "true" if label.provisional else "false",
                _cell(label.video_name),
                label.latency.get("total"),
            ]
        )
    return out.getvalue().encode()


def iso(at: float) -> str:
    """Epoch seconds in ISO 8601, UTC; empty for what no calendar holds."""
    try:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return ""


def _cell(text: str | None) -> str | None:
    return f"'{text}" if text is not None and text.startswith(FORMULA) else text
