"""A reasoning model's thoughts before its answer, taken out as the text comes, wherever a tag is split."""

from __future__ import annotations

BEGIN, END = "<think>", "</think>"


class Thoughts:
    """Fed with the pieces of one answer. Only what stands before the answer is a thought: a later tag is part of what
    the model says."""

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False
        self._answering = False

    def feed(self, piece: str) -> str:
        """What of the answer is certain by now; leading white space is no part of it."""
        if self._answering:
            return piece
        self._held += piece
        while not self._answering:
            if self._thinking:
                _, tag, after = self._held.partition(END)
                if not tag:
                    self._held = self._held[-len(END) + 1 :]  # what may yet become the tag
                    return ""
                self._thinking, self._held = False, after
            self._held = self._held.lstrip()
            if self._held.startswith(BEGIN):
                self._thinking, self._held = True, self._held[len(BEGIN) :]
            elif BEGIN.startswith(self._held):
                return ""
            else:
                self._answering = True
        return self._rest()

    def end(self) -> str:
        """What was held back, at the end of the answer: nothing of a thought that did not end."""
        return "" if self._thinking else self._rest()

    def _rest(self) -> str:
        rest, self._held = self._held, ""
        return rest
