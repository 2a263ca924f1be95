"""Text that others wrote, made such that it can be written on: of Unicode's scalar values alone."""

from __future__ import annotations


def scalars(text: str) -> str:
    """Without halves of characters, which JSON can hold and nothing else can."""
    return text if is_scalars(text) else text.encode(errors="replace").decode()


def is_scalars(text: str) -> bool:
    """Whether a text has no halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
