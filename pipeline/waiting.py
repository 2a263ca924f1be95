"""Which clip is looked at next: one waits for each session, and a newer one takes its place."""

from __future__ import annotations

from collections import OrderedDict
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

    def pop(self) -> Item | None:
        """Take the item of the key that has waited longest."""
        return self._items.popitem(last=False)[1] if self._items else None

    def discard(self, key: str) -> Item | None:
        """Take the key's item out, if it has one."""
        return self._items.pop(key, None)

    def __len__(self) -> int:
        return len(self._items)
