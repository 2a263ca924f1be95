"""A text as HTML that shows it as it is written."""

from __future__ import annotations

from html import escape


def plain(text: str) -> str:
    """Paragraphs between empty lines, breaks for line breaks, and no other tags."""
    paragraphs = (escape(part.strip()).replace("\n", "<br>") for part in text.split("\n\n"))
    return "".join(f"<p>{part}</p>" for part in paragraphs if part)
