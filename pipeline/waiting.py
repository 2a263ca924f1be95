"""Which clip is looked at next: one waits for each session, and a newer one takes its place."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container
from typing import Generic, TypeVar

Item = TypeVar("Item")


class NewestWins(Generic[Item]):
    """At most one item a key. Keys take turns in the order in which they began to wait."""

    def __init__(self) -> None:
        self._items: OrderedDict[str, Item] = OrderedDict()

    def put(self, key: str, item: Item) -> Item | None:
        """Let `item` wait, keeping the key's turn. Returns the item it replaced, which will not be done."""
        replaced = self._items.get(key)
        self._items[key] = item
        return replaced

    def pop(self, busy: Container[str] = ()) -> Item | None:
        """Take the item of the key that has waited longest, those that are `busy` left waiting."""
        key = next((key for key in self._items if key not in busy), None)
        return None if key is None else self._items.pop(key)

    def discard(self, key: str) -> Item | None:
        """Take the key's item out, if it has one."""
        return self._items.pop(key, None)

    def __len__(self) -> int:
        return len(self._items)
