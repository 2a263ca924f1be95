"""Records that are not yet on disk, in order, by number; bounded, and what is too much is dropped."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from pipeline.history.records import ClipKept, LabelSeen, Record, SessionBegan, TurnSaid, Withdrawn

MOST = 10_000
"""Records that wait. Then the oldest labels are given up, and where there are none, what comes."""

MOST_FORGOTTEN = 10_000
"""Deleted sessions that are remembered, so that nothing of them is kept again."""

LONGEST = 500_000
"""Characters of a text; the rest is cut off. A message between processes must have an end."""

LONG_TEXTS = {TurnSaid: ("text", "html", "mood", "error"), LabelSeen: ("description", "fallback_reason")}

SMALL = 500
"""About the characters of a record without its long texts."""


class Backlog:
    """What waits to be written. `dropped` counts what was given up."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._records: OrderedDict[int, Record] = OrderedDict()
        self._droppable: OrderedDict[int, None] = OrderedDict()  # labels that nobody waits for
        self._awaited: set[int] = set()
        self._withdrawn: dict[int, Withdrawn] = {}
        self._forgotten: OrderedDict[str, bool] = OrderedDict()  # whether it may begin anew
        self._last = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._records)

    @property
    def awaited(self) -> bool:
        """Whether anybody waits for one of the records."""
        return bool(self._awaited)

    @property
    def withdrawn(self) -> Collection[Withdrawn]:
        """The withdrawals that wait, in order."""
        return self._withdrawn.values()

    @property
    def last(self) -> int:
        """The number of the newest record there ever was."""
        return self._last

    @property
    def first(self) -> int:
        """The number of the oldest record that waits, or of the next that will."""
        return next(iter(self._records), self._last + 1)

    def add(self, record: Record, *, awaited: bool) -> int | None:
        """Let a record wait; its number. None where it does not: there is no room, or its session was deleted and has
        not begun anew. A withdrawal always waits."""
        if isinstance(record, SessionBegan) and self._forgotten.get(record.session_id):
            del self._forgotten[record.session_id]
        if isinstance(record, Withdrawn):
            return self._append(record)
        if record.session_id in self._forgotten:
            return None
        if len(self._records) >= self._most:
            self.dropped += 1
            if not self._droppable:
                return None
            oldest, _ = self._droppable.popitem(last=False)
            del self._records[oldest]
        number = self._append(_bounded(record))
        if awaited:
            self._awaited.add(number)
        elif isinstance(record, LabelSeen):
            self._droppable[number] = None
        return number

    def batch(self, most: int, most_characters: int) -> dict[int, Record]:
        """The oldest records, at least one if there is one; they wait until they are settled, and are not dropped."""
        batch: dict[int, Record] = {}
        characters = 0
        for number, record in self._records.items():
            characters += _characters(record)
            if batch and (len(batch) == most or characters > most_characters):
                break
            batch[number] = record
        for number in batch:
            self._droppable.pop(number, None)
        return batch

    def settle(self, numbers: Iterable[int], refused: int) -> None:
        """These records wait no more: they are on disk, but for as many as are `refused`."""
        for number in numbers:
            self._remove(number)
        self.dropped += refused

    def forget(self, session_id: str) -> list[int]:
        """A session is being deleted: nothing of it waits, now or later, but for withdrawals, as to delete may fail.
        Returns the numbers of what waited."""
        self._forgotten[session_id] = False
        self._forgotten.move_to_end(session_id)
        if len(self._forgotten) > MOST_FORGOTTEN:
            self._forgotten.popitem(last=False)
        numbers = [
            number
            for number, record in self._records.items()
            if record.session_id == session_id and not isinstance(record, Withdrawn)
        ]
        for number in numbers:
            self._remove(number)
        return numbers

    def withdraw(self, record: Withdrawn) -> list[int]:
        """Nothing waits any more that a withdrawal would delete, nor another that says the same: it takes no room that
        it does not make, and is never given up. Returns the numbers of what waited."""
        gone = [number for number, other in self._records.items() if _undone(other, record)]
        for number in gone:
            self._remove(number)
        return gone

    def forgotten(self, session_id: str) -> None:
        """A session is deleted: what comes late of it is not kept, but it may begin anew, as conversations without a
        call do whose ids scripts choose."""
        if session_id in self._forgotten:
            self._forgotten[session_id] = True

    def allow(self, session_id: str) -> None:
        """There was nothing to delete of this session: what comes of it is kept."""
        self._forgotten.pop(session_id, None)

    def _append(self, record: Record) -> int:
        self._last += 1
        self._records[self._last] = record
        if isinstance(record, Withdrawn):
            self._withdrawn[self._last] = record
        return self._last

    def _remove(self, number: int) -> None:
        self._records.pop(number, None)
        self._droppable.pop(number, None)
        self._awaited.discard(number)
        self._withdrawn.pop(number, None)


def _bounded(record: Record) -> Record:
    names = LONG_TEXTS.get(type(record), ())
    long: dict[str, Any] = {
        name: text[:LONGEST] for name in names if len(text := getattr(record, name) or "") > LONGEST
    }
    return replace(record, **long) if long else record


def _characters(record: Record) -> int:
    return SMALL + sum(len(getattr(record, name) or "") for name in LONG_TEXTS.get(type(record), ()))


def _undone(record: Record, by: Withdrawn) -> bool:
    """Whether a withdrawal leaves nothing of a record that was said before it."""
    kind = LabelSeen if by.what == "analysis" else ClipKept
    return record == by or (isinstance(record, kind) and record.session_id == by.session_id)
