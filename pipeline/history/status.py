"""Whether what happens is kept, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryStatus:
    """Whether what happens is kept. `code` is `history_locked`, `history_damaged`, `history_unreachable`,
    `history_full`, `history_refused` or `history_starting`, and `reason` says more; `waiting` counts records not yet
    written and `dropped` those given up."""

    available: bool
    code: str | None = None
    reason: str | None = None
    waiting: int = 0
    dropped: int = 0
